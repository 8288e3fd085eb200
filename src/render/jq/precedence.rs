//! The precedence of operators as jq has it: `10 * 7 % 4` is `(10 * 7) % 4`, and `.a = .b // 1` is
//! `(.a = .b) // 1`. jaq's parser binds `%` closer than `*` and `/`, and `//` closer than `=`.
//!
//! Its trees do not tell which operations stood in parentheses. So these are [`marked`] before they are
//! parsed; of the others the [`chain`] is read back, and [`joined`] anew.

use std::iter::Peekable;

use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::Math;

/// Returns whether jaq may group the operators of a program otherwise than jq.
pub(super) fn may_differ(text: &str) -> bool {
    text.contains('%') || text.contains("//") && text.contains('=')
}

/// The tokens with `(…)` as `(. | …)`, which means the same. (Of `(… | .)` a `def` in it would take the
/// end.)
pub(super) fn marked<'s>(tokens: Vec<Token<&'s str>>) -> Vec<Token<&'s str>> {
    let mut marked: Vec<Token<&'s str>> = Vec::with_capacity(tokens.len());
    for Token(text, token) in tokens {
        let token = match token {
            Tok::Block(inside) => {
                let mut inside = self::marked(inside);
                if text.starts_with('(') && !has_arguments(&marked) {
                    inside.splice(..0, [Token(".", Tok::Sym), Token("|", Tok::Sym)]);
                }
                Tok::Block(inside)
            }
            Tok::Str(parts) => Tok::Str(parts.into_iter().map(marked_part).collect()),
            token => token,
        };
        marked.push(Token(text, token));
    }
    marked
}

fn marked_part<'s>(part: StrPart<&'s str, Token<&'s str>>) -> StrPart<&'s str, Token<&'s str>> {
    match part {
        StrPart::Term(Token(text, Tok::Block(inside))) => {
            StrPart::Term(Token(text, Tok::Block(marked(inside))))
        }
        part => part,
    }
}

/// Words behind which a parenthesis holds a term, and not arguments.
const KEYWORDS: [&str; 14] = [
    "and", "or", "if", "then", "elif", "else", "try", "catch", "reduce", "foreach", "as", "import",
    "include", "__loc__",
];

/// True behind `f`, `@text`, `def f`, and the pattern of a `reduce` or `foreach`.
fn has_arguments(before: &[Token<&str>]) -> bool {
    match before {
        [.., Token("as", Tok::Word), Token(_, Tok::Var | Tok::Block(_))] => true,
        [.., Token(word, Tok::Word)] => !KEYWORDS.contains(word),
        [.., Token(_, Tok::Fmt)] => true,
        _ => false,
    }
}

/// A term with the operator before it; the first of a chain has none.
type Operand<'s> = (Option<BinaryOp<&'s str>>, Term<&'s str>);

/// Returns whether a term is an operation, and neither a pipe nor a comma: what these join stays as it
/// is, and so what stood in parentheses.
pub(super) fn is_operation(term: &Term<&str>) -> bool {
    matches!(term, Term::BinOp(_, operator, _) if level(operator).is_some())
}

/// The terms of `1 + 2 * 3 % 4` in the order of the text.
pub(super) fn chain<'s>(operation: Term<&'s str>) -> Vec<Operand<'s>> {
    let mut operands = Vec::new();
    flatten(None, operation, &mut operands);
    operands
}

fn flatten<'s>(
    before: Option<BinaryOp<&'s str>>,
    term: Term<&'s str>,
    operands: &mut Vec<Operand<'s>>,
) {
    match term {
        Term::BinOp(left, operator, right) if level(&operator).is_some() => {
            flatten(before, *left, operands);
            flatten(Some(operator), *right, operands);
        }
        term => operands.push((before, term)),
    }
}

/// The operations of a chain, joined in jq's order.
pub(super) fn joined<'s>(
    operands: Vec<Operand<'s>>,
    join: &dyn Fn(Term<&'s str>, BinaryOp<&'s str>, Term<&'s str>) -> Term<&'s str>,
) -> Term<&'s str> {
    let mut operands = operands.into_iter().peekable();
    let first = operands.next().map(|(_, term)| term).unwrap_or_default();
    climb(first, &mut operands, 0, join)
}

fn climb<'s>(
    mut left: Term<&'s str>,
    rest: &mut Peekable<impl Iterator<Item = Operand<'s>>>,
    least: u8,
    join: &dyn Fn(Term<&'s str>, BinaryOp<&'s str>, Term<&'s str>) -> Term<&'s str>,
) -> Term<&'s str> {
    let level_of = |operand: &Operand<'_>| operand.0.as_ref().and_then(level);
    while let Some((Some(operator), mut right)) =
        rest.next_if(|operand| level_of(operand).is_some_and(|own| own >= least))
    {
        let closer = level(&operator).unwrap_or_default() + 1;
        while rest.peek().is_some_and(|next| level_of(next).is_some_and(|own| own >= closer)) {
            right = climb(right, rest, closer, join);
        }
        left = join(left, operator, right);
    }
    left
}

/// The level of an operator in jq's grammar; `None` for pipes and commas, the lowest.
fn level(operator: &BinaryOp<&str>) -> Option<u8> {
    Some(match operator {
        BinaryOp::Pipe(_) | BinaryOp::Comma => return None,
        BinaryOp::Alt => 1,
        BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => 2,
        BinaryOp::Or => 3,
        BinaryOp::And => 4,
        BinaryOp::Cmp(_) => 5,
        BinaryOp::Math(Math::Add | Math::Sub) => 6,
        BinaryOp::Math(Math::Mul | Math::Div | Math::Rem) => 7,
    })
}
