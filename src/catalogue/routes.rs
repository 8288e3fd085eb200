//! The tree of path templates, and the way down it.

use super::operation::Operation;
use super::record::RouteRecord;
use super::tables::ROUTES;

/// The operations of the template that fits a path best; nothing for an unknown path.
pub(super) fn operations(path: &str) -> impl Iterator<Item = Operation> {
    let route = path.strip_prefix('/').and_then(|rest| descend(ROUTES.first()?, Some(rest)));
    let operations = route.map_or(0..0, |route| route.operations.start..route.operations.end);
    operations.map(Operation)
}

/// The route at the end of the remaining path. A literal segment is tried before a placeholder,
/// which takes any text but an empty one.
fn descend(route: &'static RouteRecord, rest: Option<&str>) -> Option<&'static RouteRecord> {
    let Some(rest) = rest else {
        return Some(route).filter(|route| route.operations.start < route.operations.end);
    };
    let (segment, rest) = match rest.split_once('/') {
        Some((segment, rest)) => (segment, Some(rest)),
        None => (rest, None),
    };
    let literals = route.literals.of(&ROUTES);
    let literal = literals.binary_search_by(|child| child.segment.get().cmp(segment));
    let found = literal.ok().and_then(|index| descend(&literals[index], rest));
    found.or_else(|| {
        let placeholder = route.placeholder.filter(|_| !segment.is_empty())?;
        descend(ROUTES.get(usize::from(placeholder))?, rest)
    })
}
