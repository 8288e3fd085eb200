//! The tree of path templates.

use std::collections::{BTreeMap, VecDeque};

use super::super::record::{RouteRecord, Rows};
use super::description::Described;
use super::tables::{Pool, rows};

/// A node while the tree grows.
#[derive(Default)]
struct Node {
    literals: BTreeMap<String, Node>,
    placeholder: Option<Box<Node>>,
    operations: Option<Rows>,
}

/// The tree of the operations' paths, the root first. Methods of one path must stand together.
pub(super) fn routes(
    operations: &[Described<'_>],
    pool: &mut Pool,
) -> Result<Vec<RouteRecord>, String> {
    let mut root = Node::default();
    for (index, operation) in operations.iter().enumerate() {
        let node = operation.shape.split('/').skip(1).fold(&mut root, Node::child);
        let start = node.operations.map_or(index, |operations| usize::from(operations.start));
        node.operations = Some(rows(start, index + 1)?);
    }
    flat(&root, pool)
}

impl Node {
    fn child(&mut self, segment: &str) -> &mut Node {
        match segment {
            "{}" => self.placeholder.get_or_insert_default(),
            literal => self.literals.entry(literal.to_owned()).or_default(),
        }
    }
}

/// The nodes level by level, so that the children of each stand together.
fn flat(root: &Node, pool: &mut Pool) -> Result<Vec<RouteRecord>, String> {
    let mut routes = Vec::new();
    let mut waiting = VecDeque::from([("", root)]);
    let mut next = 1;
    while let Some((segment, node)) = waiting.pop_front() {
        let literals = rows(next, next + node.literals.len())?;
        next += node.literals.len();
        waiting.extend(node.literals.iter().map(|(segment, child)| (segment.as_str(), child)));
        let placeholder = node.placeholder.as_ref().map(|child| {
            waiting.push_back(("", child));
            next += 1;
            literals.end
        });
        let operations = node.operations.unwrap_or(Rows { start: 0, end: 0 });
        let segment = pool.text(segment);
        routes.push(RouteRecord { segment, literals, placeholder, operations });
    }
    Ok(routes)
}
