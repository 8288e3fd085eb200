//! Programs as jq runs them, where jaq does otherwise.
//!
//! - Assignments go by paths, as in jq: `null | .a[1] = 2` makes what is missing, and
//!   `first(.[]) |= f` works.
//! - Of `(1, 2) + (10, 20)` the right side varies slowest, and so do later parts of a string.
//! - `reduce` and `foreach` go on with the last output of their update, and with `null` if there is
//!   none.
//! - The paths of `(.n, .t) // .b` are those of true values.
//! - Operators bind as closely as jq's ([`precedence`]).
//! - No `?` or `try` in a path hides that an expression has none.
//! - `$__loc__` is the place in the program.

use jaq_core::load::Arena;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::path::{Opt, Part, Path};

use super::precedence;
use super::program::place_of;

// Names that no program can define, since none is a word.

/// The function of two filters that `paths |= update` becomes.
pub(super) const MODIFY: &str = "|=";

/// The function of a filter and a value that `paths = value` becomes.
pub(super) const ASSIGN: &str = "=";

/// The last output of a filter, or `null`.
pub(super) const LAST: &str = "!last";

/// Keeps its input as the state of a `foreach` while that runs; its output leads to the state.
pub(super) const HOLD: &str = "!hold";

/// Takes a state out, and leaves `null`.
pub(super) const TAKE: &str = "!take";

/// Puts its input into a state, and passes it on.
pub(super) const KEEP: &str = "!keep";

/// Fails again with an error that is raised for a term without a path, and passes on any other.
pub(super) const CAUGHT: &str = "!caught";

const RIGHT: &str = "$ right";

const STATE: &str = "$ state";

#[derive(Clone, Copy)]
pub(super) struct Rewriter<'s> {
    /// The text of the program.
    pub(super) text: &'s str,
    pub(super) arena: &'s Arena,
    /// The tokens were marked for [`precedence`].
    pub(super) regroups: bool,
}

impl<'s> Rewriter<'s> {
    pub(super) fn definition(&self, definition: Def<&'s str>) -> Def<&'s str> {
        Def { body: self.term(definition.body), ..definition }
    }

    pub(super) fn term(&self, term: Term<&'s str>) -> Term<&'s str> {
        match term {
            Term::BinOp(left, BinaryOp::Pipe(None), right)
                if self.regroups && matches!(*left, Term::Id) =>
            {
                self.term(*right)
            }
            term if self.regroups && precedence::is_operation(&term) => {
                let operands = precedence::chain(term).into_iter();
                let operands = operands.map(|(before, operand)| (before, self.term(operand)));
                precedence::joined(operands.collect(), &|left, operator, right| {
                    self.operation(left, operator, right)
                })
            }
            Term::BinOp(left, operator, right) => {
                self.operation(self.term(*left), operator, self.term(*right))
            }
            Term::Str(format, parts) => self.string(format, parts),
            Term::Var(name @ "$__loc__") => self.location(name),
            Term::Obj(members) => {
                Term::Obj(members.into_iter().map(|(key, value)| self.member(key, value)).collect())
            }
            Term::Fold(name, source, pattern, arguments) => {
                let arguments = arguments.into_iter().map(|argument| self.term(argument));
                fold(name, self.term(*source), self.pattern(pattern), arguments.collect())
            }
            Term::Path(from, Path(parts)) => {
                let parts = parts.into_iter().map(|(part, optional)| (self.part(part), optional));
                Term::Path(self.boxed(*from), Path(parts.collect()))
            }
            Term::Def(definitions, body) => Term::Def(
                definitions.into_iter().map(|definition| self.definition(definition)).collect(),
                self.boxed(*body),
            ),
            Term::IfThenElse(branches, otherwise) => Term::IfThenElse(
                branches
                    .into_iter()
                    .map(|(when, then)| (self.term(when), self.term(then)))
                    .collect(),
                otherwise.map(|otherwise| self.boxed(*otherwise)),
            ),
            Term::Call(name, arguments) => Term::Call(
                name,
                arguments.into_iter().map(|argument| self.term(argument)).collect(),
            ),
            Term::Arr(inside) => Term::Arr(inside.map(|inside| self.boxed(*inside))),
            Term::Neg(inside) => Term::Neg(self.boxed(*inside)),
            Term::Label(name, body) => Term::Label(name, self.boxed(*body)),
            Term::TryCatch(body, catch) => {
                let nothing = || Term::Call("!empty", Vec::new());
                let catch = catch.map_or_else(nothing, |catch| self.term(*catch));
                let caught = Term::Call(CAUGHT, Vec::new());
                Term::TryCatch(self.boxed(*body), Some(Box::new(pipe(caught, catch))))
            }
            term @ (Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_)) => {
                term
            }
        }
    }

    fn boxed(&self, term: Term<&'s str>) -> Box<Term<&'s str>> {
        Box::new(self.term(term))
    }

    fn operation(
        &self,
        left: Term<&'s str>,
        operator: BinaryOp<&'s str>,
        right: Term<&'s str>,
    ) -> Term<&'s str> {
        match operator {
            BinaryOp::Math(_) | BinaryOp::Cmp(_) if !is_single(&left) && !is_single(&right) => {
                bound(right, RIGHT, |right| binary(left, operator, right))
            }
            BinaryOp::Update => Term::Call(MODIFY, vec![left, right]),
            BinaryOp::Assign => Term::Call(ASSIGN, vec![left, right]),
            BinaryOp::UpdateMath(math) => bound(right, RIGHT, |right| {
                let update = binary(Term::Id, BinaryOp::Math(math), right);
                Term::Call(MODIFY, vec![left, update])
            }),
            BinaryOp::UpdateAlt => bound(right, RIGHT, |right| {
                Term::Call(MODIFY, vec![left, binary(Term::Id, BinaryOp::Alt, right)])
            }),
            BinaryOp::Alt if !is_single(&left) => {
                let branch = (Term::Id, Term::Id);
                let nothing = Term::Call("empty", Vec::new());
                let true_ones = Term::IfThenElse(vec![branch], Some(Box::new(nothing)));
                binary(pipe(left, true_ones), BinaryOp::Alt, right)
            }
            BinaryOp::Pipe(pattern) => {
                let pattern = pattern.map(|pattern| self.pattern(pattern));
                binary(left, BinaryOp::Pipe(pattern), right)
            }
            operator => binary(left, operator, right),
        }
    }

    /// A string whose later parts vary slowest: they are bound to variables first.
    fn string(
        &self,
        format: Option<&'s str>,
        parts: Vec<StrPart<&'s str, Term<&'s str>>>,
    ) -> Term<&'s str> {
        let mut parts: Vec<_> = parts.into_iter().map(|part| self.string_part(part)).collect();
        let several = |part: &&mut StrPart<_, Term<&str>>| match part {
            StrPart::Term(term) => !is_single(term),
            StrPart::Str(_) | StrPart::Char(_) => false,
        };
        let mut variables = Vec::new();
        for part in parts.iter_mut().filter(several).skip(1) {
            let name: &'s str = self.arena.alloc(format!("$ part {}", variables.len()));
            let bound = std::mem::replace(part, StrPart::Term(Term::Var(name)));
            if let StrPart::Term(term) = bound {
                variables.push((name, term));
            }
        }
        let string = Term::Str(format, parts);
        variables.into_iter().fold(string, |string, (name, term)| bound(term, name, |_| string))
    }

    fn string_part(
        &self,
        part: StrPart<&'s str, Term<&'s str>>,
    ) -> StrPart<&'s str, Term<&'s str>> {
        match part {
            StrPart::Term(term) => StrPart::Term(self.term(term)),
            part => part,
        }
    }

    fn member(
        &self,
        key: Term<&'s str>,
        value: Option<Term<&'s str>>,
    ) -> (Term<&'s str>, Option<Term<&'s str>>) {
        match (key, value) {
            (Term::Var(name @ "$__loc__"), None) => (text("__loc__"), Some(self.location(name))),
            // A variable stays one: it is name and value at once.
            (key @ Term::Var(_), None) => (key, None),
            (key, value) => (self.term(key), value.map(|value| self.term(value))),
        }
    }

    fn pattern(&self, pattern: Pattern<&'s str>) -> Pattern<&'s str> {
        match pattern {
            Pattern::Var(name) => Pattern::Var(name),
            Pattern::Arr(patterns) => {
                Pattern::Arr(patterns.into_iter().map(|pattern| self.pattern(pattern)).collect())
            }
            Pattern::Obj(members) => {
                let members = members.into_iter();
                Pattern::Obj(
                    members.map(|(key, pattern)| (self.term(key), self.pattern(pattern))).collect(),
                )
            }
        }
    }

    fn part(&self, part: Part<Term<&'s str>>) -> Part<Term<&'s str>> {
        match part {
            Part::Index(index) => Part::Index(self.term(index)),
            Part::Range(from, to) => {
                Part::Range(from.map(|from| self.term(from)), to.map(|to| self.term(to)))
            }
        }
    }

    /// The value of `$__loc__` at a place in the program.
    fn location(&self, here: &'s str) -> Term<&'s str> {
        let before = self.text.get(..place_of(self.text, here)).unwrap_or_default();
        let line: &'s str = self.arena.alloc((before.matches('\n').count() + 1).to_string());
        Term::Obj(vec![
            (text("file"), Some(text("<top-level>"))),
            (text("line"), Some(Term::Num(line))),
        ])
    }
}

fn text(text: &str) -> Term<&str> {
    Term::Str(None, vec![StrPart::Str(text)])
}

fn binary<'s>(
    left: Term<&'s str>,
    operator: BinaryOp<&'s str>,
    right: Term<&'s str>,
) -> Term<&'s str> {
    Term::BinOp(Box::new(left), operator, Box::new(right))
}

/// `reduce` or `foreach`, whose update may have several outputs: jaq would go on with each of them.
fn fold<'s>(
    name: &'s str,
    source: Term<&'s str>,
    pattern: Pattern<&'s str>,
    mut arguments: Vec<Term<&'s str>>,
) -> Term<&'s str> {
    match (name, arguments.as_mut_slice()) {
        ("reduce", [_, update]) if !is_single(update) => {
            *update = Term::Call(LAST, vec![std::mem::take(update)]);
        }
        ("foreach", [start, update, extract @ ..]) if extract.len() < 2 && !is_single(update) => {
            let [start, update] = [start, update].map(std::mem::take);
            return foreach(
                source,
                pattern,
                start,
                update,
                extract.first_mut().map(std::mem::take),
            );
        }
        _ => {}
    }
    Term::Fold(name, Box::new(source), pattern, arguments)
}

/// `(start | HOLD) as $state | source as pattern | TAKE($state) | update | KEEP($state) | extract`:
/// as jq does it, so that no output comes later than there.
fn foreach<'s>(
    source: Term<&'s str>,
    pattern: Pattern<&'s str>,
    start: Term<&'s str>,
    update: Term<&'s str>,
    extract: Option<Term<&'s str>>,
) -> Term<&'s str> {
    bound(pipe(start, Term::Call(HOLD, Vec::new())), STATE, |state| {
        let take = Term::Call(TAKE, vec![state.clone()]);
        let keep = Term::Call(KEEP, vec![state]);
        let kept = pipe(take, pipe(update, keep));
        let step = match extract {
            Some(extract) => pipe(kept, extract),
            None => kept,
        };
        binary(source, BinaryOp::Pipe(Some(pattern)), step)
    })
}

fn pipe<'s>(left: Term<&'s str>, right: Term<&'s str>) -> Term<&'s str> {
    binary(left, BinaryOp::Pipe(None), right)
}

/// `term as $name | body`.
fn bound<'s>(
    term: Term<&'s str>,
    name: &'s str,
    body: impl FnOnce(Term<&'s str>) -> Term<&'s str>,
) -> Term<&'s str> {
    binary(term, BinaryOp::Pipe(Some(Pattern::Var(name))), body(Term::Var(name)))
}

/// Returns whether a term certainly has one output, so that it does not matter when it runs.
fn is_single(term: &Term<&str>) -> bool {
    match term {
        Term::Id | Term::Num(_) | Term::Arr(_) | Term::Var(_) => true,
        Term::Neg(inside) => is_single(inside),
        Term::BinOp(left, BinaryOp::Math(_) | BinaryOp::Cmp(_), right) => {
            is_single(left) && is_single(right)
        }
        Term::Str(_, parts) => parts.iter().all(|part| match part {
            StrPart::Term(term) => is_single(term),
            StrPart::Str(_) | StrPart::Char(_) => true,
        }),
        Term::Path(from, Path(parts)) => {
            is_single(from)
                && parts.iter().all(|(part, optional)| match (part, optional) {
                    (_, Opt::Optional) | (Part::Range(None, None), _) => false,
                    (Part::Index(index), _) => is_single(index),
                    (Part::Range(from, to), _) => [from, to].into_iter().flatten().all(is_single),
                })
        }
        _ => false,
    }
}
