//! Trees against a plain list of parents, under random removals; and what they may cost.

use std::collections::BTreeSet;

use super::*;

impl<T> Tree<T> {
    /// Nodes in use: values and joints.
    fn len(&self) -> usize {
        let mut free = 0;
        let mut at = self.free;
        while let Some(index) = at {
            free += 1;
            at = self.nodes[index.slot()].next;
        }
        self.nodes.len() - free
    }

    /// Checks the invariants; gives the number of values.
    fn check(&self) -> usize {
        let get = |index: NodeIndex| &self.nodes[index.slot()];
        let mut free = BTreeSet::new();
        let mut at = self.free;
        while let Some(index) = at {
            assert!(free.insert(index.slot()), "I3");
            at = get(index).next;
        }
        let mut values = 0;
        for (slot, node) in self.nodes.iter().enumerate() {
            if free.contains(&slot) {
                assert!(node.value.is_none() && node.first_child.is_none(), "I3");
                continue;
            }
            values += usize::from(node.value.is_some());
            let (mut children, mut prev, mut at) = (0, None, node.first_child);
            while let Some(child) = at {
                assert!(!free.contains(&child.slot()), "I3");
                assert_eq!(get(child).parent, Some(NodeIndex::at(slot)), "I2");
                assert_eq!(get(child).prev, prev, "I2");
                (children, prev, at) = (children + 1, at, get(child).next);
            }
            assert!(node.value.is_some() || children >= 2, "I1");
        }
        values
    }
}

/// What the tree should say: each value's parent, of all values that ever were.
#[derive(Default)]
struct Family {
    parents: Vec<Option<usize>>,
    /// In the tree still, with its node.
    present: Vec<Option<NodeIndex>>,
}

impl Family {
    fn is_below(&self, mut value: usize, ancestor: usize) -> bool {
        loop {
            if value == ancestor {
                return true;
            }
            match self.parents[value] {
                Some(parent) => value = parent,
                None => return false,
            }
        }
    }
}

#[test]
fn random_trees_agree_with_a_list_of_parents() {
    for seed in 1..200_u64 {
        let mut random = seed;
        let mut below = |end: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random % end as u64).unwrap()
        };
        let mut tree = Tree::new();
        let mut family = Family::default();
        for step in 0..60 {
            let present: Vec<_> = family
                .present
                .iter()
                .enumerate()
                .filter_map(|(value, index)| index.map(|index| (value, index)))
                .collect();
            let value = family.parents.len();
            if present.is_empty() {
                let root = tree.add_root(|_| value);
                family.parents.push(None);
                family.present.push(Some(root));
                continue;
            }
            let (chosen, index) = present[below(present.len())];
            match below(5) {
                0 => {
                    assert_eq!(tree.remove(index), Some(chosen));
                    family.present[chosen] = None;
                }
                1 if step % 4 == 0 => {
                    let mut seen = Vec::new();
                    tree.remove_subtree(index, |value| seen.push(value));
                    for (at, value) in seen.iter().enumerate() {
                        let later = &seen[at..];
                        assert!(
                            !later[1..].iter().any(|it| family.is_below(*it, *value)),
                            "after those below it"
                        );
                    }
                    let mut expected: Vec<_> = present
                        .iter()
                        .map(|(value, _)| *value)
                        .filter(|value| family.is_below(*value, chosen))
                        .collect();
                    seen.sort_unstable();
                    expected.sort_unstable();
                    assert_eq!(seen, expected, "seed {seed}");
                    for value in seen {
                        family.present[value] = None;
                    }
                }
                _ => {
                    let child = tree.add_child(index, |_| value);
                    family.parents.push(Some(chosen));
                    family.present.push(Some(child));
                }
            }
            let values = family.present.iter().flatten().count();
            assert_eq!(tree.check(), values, "seed {seed}");
            assert!(values == 0 || tree.len() < 2 * values, "I1");
        }
    }
}

#[test]
fn a_chain_of_replaced_tokens_does_not_grow() {
    let mut tree = Tree::new();
    let mut last = tree.add_root(|_| ());
    for _ in 0..1000 {
        let child = tree.add_child(last, |_| ());
        tree.remove(last);
        last = child;
    }
    assert_eq!(tree.len(), 1);
    assert_eq!(tree.nodes.len(), 2, "slots are used again");
    tree.remove(last);
    assert_eq!(tree.len(), 0);
}

/// A chain with a bunch of leaves at its end.
fn comb(size: usize) -> (Tree<usize>, Vec<NodeIndex>, Vec<NodeIndex>) {
    let mut tree = Tree::new();
    let mut chain = vec![tree.add_root(|_| 0)];
    for value in 1..size {
        let last = chain[value - 1];
        chain.push(tree.add_child(last, |_| value));
    }
    let last = chain[size - 1];
    let leaves = (0..size)
        .map(|value| tree.add_child(last, |_| size + value))
        .collect();
    (tree, chain, leaves)
}

#[test]
fn deep_and_wide_trees_go_in_any_order() {
    const SIZE: usize = 50_000;
    // Quadratic work would take minutes here.
    let (mut tree, chain, leaves) = comb(SIZE);
    for index in chain.into_iter().rev() {
        tree.remove(index);
    }
    assert_eq!(tree.len(), SIZE + 1);
    for index in leaves {
        tree.remove(index);
    }
    assert_eq!(tree.len(), 0);

    let (mut tree, chain, leaves) = comb(SIZE);
    for index in leaves.into_iter().chain(chain) {
        tree.remove(index);
    }
    assert_eq!(tree.len(), 0);

    let (mut tree, chain, _) = comb(SIZE);
    let mut seen = 0;
    tree.remove_subtree(chain[0], |_| seen += 1);
    assert_eq!((seen, tree.len()), (2 * SIZE, 0));
}
