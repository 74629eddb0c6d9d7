//! Order and links of the lists.

#![allow(unsafe_code, reason = "tests make nodes that stay where they are")]

use super::*;

/// Never grows, so the nodes stay where they are.
struct Nodes(Vec<NodeCell>);

impl Nodes {
    fn new(count: usize) -> Self {
        Self((0..count).map(|_| NodeCell::new()).collect())
    }

    fn get(&self, index: usize) -> NodeRef {
        // SAFETY: not moved, and alive as long as the lists of each test.
        unsafe { NodeRef::new(NonNull::from(&self.0[index])) }
    }
}

fn place(number: u64) -> Place {
    Place::of(Tick::new(number), Tick::ZERO).unwrap()
}

#[test]
fn nodes_leave_in_the_order_they_came() {
    let nodes = Nodes::new(3);
    let mut lists = Lists::new();
    for index in 0..3 {
        lists.push_back(place(1), nodes.get(index), Tick::new(1));
    }
    let order: Vec<_> = lists.iter(place(1)).collect();
    assert_eq!(order, [nodes.get(0), nodes.get(1), nodes.get(2)]);
}

#[test]
fn any_node_can_be_removed() {
    for removed in 0..3 {
        let nodes = Nodes::new(3);
        let mut lists = Lists::new();
        for index in 0..3 {
            lists.push_back(place(1), nodes.get(index), Tick::new(1));
        }
        assert_eq!(lists.remove(nodes.get(removed)), place(1));
        assert!(!nodes.get(removed).is_linked());
        let left: Vec<_> = lists.iter(place(1)).collect();
        let expected: Vec<_> = (0..3)
            .filter(|&index| index != removed)
            .map(|index| nodes.get(index))
            .collect();
        assert_eq!(left, expected);
    }
}

#[test]
fn lists_do_not_mix() {
    let nodes = Nodes::new(2);
    let mut lists = Lists::new();
    lists.push_back(place(1), nodes.get(0), Tick::new(1));
    lists.push_back(place(64), nodes.get(1), Tick::new(64));
    lists.remove(nodes.get(0));
    assert!(lists.is_empty(place(1)));
    assert_eq!(lists.first(place(64)), Some(nodes.get(1)));
    assert_eq!(nodes.get(1).tick(), Tick::new(64));
}

#[test]
#[should_panic(expected = "I1")]
fn a_node_cannot_be_on_two_lists() {
    let nodes = Nodes::new(1);
    let mut lists = Lists::new();
    lists.push_back(place(1), nodes.get(0), Tick::new(1));
    lists.push_back(place(2), nodes.get(0), Tick::new(2));
}

#[test]
#[should_panic(expected = "I1")]
fn a_node_cannot_be_removed_twice() {
    let nodes = Nodes::new(1);
    let mut lists = Lists::new();
    lists.push_back(place(1), nodes.get(0), Tick::new(1));
    lists.remove(nodes.get(0));
    lists.remove(nodes.get(0));
}
