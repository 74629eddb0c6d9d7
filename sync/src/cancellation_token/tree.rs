//! The tree of cancellation tokens as a plain value: who is a child of whom.
//!
//! # Picture
//!
//! ```text
//!            a                 a              `*` has lost its value: a joint.
//!          ╱   ╲             ╱   ╲            It stays while it has two children
//!         b     c    ──►    *     c           or more, because those hang on it.
//!        ╱ ╲               ╱ ╲
//!       d   e             d   e
//! ```
//!
//! # Invariants
//!
//! I1. A joint has at least two children: one with fewer is removed, and its child takes its place.
//! So there are fewer joints than values.
//!
//! I2. The nodes reached from a root over `first_child` and `next` are its subtree; `parent` and
//! `prev` are the ways back.
//!
//! I3. A slot is in use, or in the list of free ones.
//!
//! Every operation takes constant time but for the nodes that it removes, and none recurses.
//!
//! # Rejected
//!
//! Handing the children of a removed node to its parent: the same child can be handed on by each of
//! its ancestors, so that dropping a tree takes quadratic time.

use std::num::NonZeroU32;

/// Names a node, as long as it is in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeIndex(NonZeroU32);

impl NodeIndex {
    fn at(slot: usize) -> Self {
        let number = u32::try_from(slot + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("a tree of tokens has fewer than 2^32 of them"))
    }

    fn slot(self) -> usize {
        self.0.get() as usize - 1
    }
}

#[derive(Debug)]
struct Node<T> {
    /// Absent in joints and free slots.
    value: Option<T>,
    parent: Option<NodeIndex>,
    first_child: Option<NodeIndex>,
    prev: Option<NodeIndex>,
    /// The next sibling, or the next free slot.
    next: Option<NodeIndex>,
}

/// A tree whose nodes come and go in any order.
#[derive(Debug)]
pub(super) struct Tree<T> {
    nodes: Vec<Node<T>>,
    free: Option<NodeIndex>,
}

impl<T> Tree<T> {
    pub(super) const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            free: None,
        }
    }

    fn node(&mut self, index: NodeIndex) -> &mut Node<T> {
        &mut self.nodes[index.slot()]
    }

    /// Adds a root.
    pub(super) fn add_root(&mut self, make: impl FnOnce(NodeIndex) -> T) -> NodeIndex {
        let index = self.allocate();
        self.node(index).value = Some(make(index));
        index
    }

    /// Adds a child of `parent`.
    pub(super) fn add_child(
        &mut self,
        parent: NodeIndex,
        make: impl FnOnce(NodeIndex) -> T,
    ) -> NodeIndex {
        let index = self.add_root(make);
        self.link(index, parent);
        index
    }

    /// Takes the value out of a node, which then hangs between others or goes.
    pub(super) fn remove(&mut self, index: NodeIndex) -> Option<T> {
        let value = self.node(index).value.take();
        debug_assert!(value.is_some(), "a value leaves the tree once");
        self.prune(index);
        value
    }

    /// Takes a node and all below it out of the tree. `visit` sees the values, each after those
    /// below it.
    pub(super) fn remove_subtree(&mut self, root: NodeIndex, mut visit: impl FnMut(T)) {
        let above = self.node(root).parent;
        self.unlink(root);
        let mut at = root;
        loop {
            // Down to a leaf, which is taken off its parent, and up again.
            while let Some(child) = self.node(at).first_child {
                at = child;
            }
            let (parent, next) = (self.node(at).parent, self.node(at).next);
            let value = self.node(at).value.take();
            self.release(at);
            if let Some(value) = value {
                visit(value);
            }
            if at == root {
                break;
            }
            let parent = parent.expect("below the root, which has none");
            self.node(parent).first_child = next;
            at = parent;
        }
        if let Some(above) = above {
            self.prune(above);
        }
    }

    /// Restores I1 for a node that has lost its value or a child, and for those above it.
    fn prune(&mut self, index: NodeIndex) {
        let mut at = index;
        loop {
            let node = self.node(at);
            if node.value.is_some() {
                return;
            }
            let (parent, child) = (node.parent, node.first_child);
            match child {
                None => {
                    self.unlink(at);
                    self.release(at);
                }
                Some(child) if self.node(child).next.is_none() => {
                    // It may be a joint with two children or more, or a value: nothing to prune.
                    self.replace(at, child);
                    self.release(at);
                    return;
                }
                Some(_) => return,
            }
            match parent {
                Some(parent) => at = parent,
                None => return,
            }
        }
    }

    /// Puts the only child of `old` in its place.
    fn replace(&mut self, old: NodeIndex, child: NodeIndex) {
        let node = self.node(old);
        let (parent, prev, next) = (node.parent, node.prev, node.next);
        node.first_child = None;
        let node = self.node(child);
        (node.parent, node.prev, node.next) = (parent, prev, next);
        match (prev, parent) {
            (Some(prev), _) => self.node(prev).next = Some(child),
            (None, Some(parent)) => self.node(parent).first_child = Some(child),
            (None, None) => {}
        }
        if let Some(next) = next {
            self.node(next).prev = Some(child);
        }
    }

    fn link(&mut self, index: NodeIndex, parent: NodeIndex) {
        let next = self.node(parent).first_child.replace(index);
        if let Some(next) = next {
            self.node(next).prev = Some(index);
        }
        let node = self.node(index);
        (node.parent, node.prev, node.next) = (Some(parent), None, next);
    }

    /// Takes a node, with what hangs on it, off its parent.
    fn unlink(&mut self, index: NodeIndex) {
        let node = self.node(index);
        let (parent, prev, next) = (node.parent.take(), node.prev.take(), node.next.take());
        match (prev, parent) {
            (Some(prev), _) => self.node(prev).next = next,
            (None, Some(parent)) => self.node(parent).first_child = next,
            (None, None) => {}
        }
        if let Some(next) = next {
            self.node(next).prev = prev;
        }
    }

    fn allocate(&mut self) -> NodeIndex {
        if let Some(index) = self.free {
            self.free = self.node(index).next.take();
            return index;
        }
        let index = NodeIndex::at(self.nodes.len());
        self.nodes.push(Node {
            value: None,
            parent: None,
            first_child: None,
            prev: None,
            next: None,
        });
        index
    }

    fn release(&mut self, index: NodeIndex) {
        let free = self.free.replace(index);
        let node = self.node(index);
        debug_assert!(node.value.is_none() && node.first_child.is_none());
        (node.parent, node.prev, node.next) = (None, None, free);
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
