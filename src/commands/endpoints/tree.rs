//! A schema as lines of a tree: a member each, what it holds below it.

use crate::schema::facts::{Side, facts};
use crate::schema::{Kind, Member, Schema, Variant};

/// Members of members are shown this deep, ...
pub(super) const DEEP: usize = 4;

/// ... and this deep where one variant was asked for.
pub(super) const DEEPER: usize = 7;

/// A line of a page: a name, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of levels above it.
    pub(super) level: usize,
    pub(super) name: String,
    pub(super) facts: String,
}

/// The lines of one schema.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) lines: Vec<Line>,
    /// True where a part was left out because it lies too deep.
    pub(super) is_cut: bool,
    deepest: usize,
    /// Schemas by name that stand in full in a line above, and the member that has them.
    shown: Vec<(&'static str, String)>,
}

impl Tree {
    /// A tree without lines that will show so many levels.
    pub(super) fn new(deepest: usize) -> Tree {
        Tree { lines: Vec::new(), is_cut: false, deepest, shown: Vec::new() }
    }

    /// Adds the members of an object, of its variants, or of the items of a list.
    pub(super) fn add(&mut self, schema: Schema, side: Side, level: usize) {
        let variants = schema.variants();
        let schema = match schema.items() {
            Some(items) if variants.is_empty() => return self.add(items, side, level),
            _ => schema,
        };
        self.add_members(&schema.members(), schema.tag(), side, level);
        if variants.len() > 1 {
            self.add_variants(schema, &variants, side, level);
        }
    }

    /// The members that all variants have alike, then those of each.
    fn add_variants(&mut self, schema: Schema, variants: &[Variant], side: Side, level: usize) {
        let Some(tag) = schema.tag() else {
            return self.add_alternatives(variants, side, level);
        };
        let names: Vec<&str> = variants.iter().filter_map(|variant| variant.tag).collect();
        let facts = format!("string, required: {}", names.join(", "));
        self.push(level, tag, facts);
        let common = common(variants, tag);
        self.add_members(&common, None, side, level);
        for variant in variants {
            let own = variant.schema.members().into_iter().filter(|member| {
                member.name != tag && common.iter().all(|other| other.name != member.name)
            });
            let own: Vec<Member> = own.collect();
            if !own.is_empty() {
                let name = variant.tag.unwrap_or("…");
                self.push(level, &format!("{tag} {name}:"), String::new());
                self.add_members(&own, None, side, level + 1);
            }
        }
    }

    /// Variants without a tag: those that only require members say which, the others are listed.
    fn add_alternatives(&mut self, variants: &[Variant], side: Side, level: usize) {
        let only_require = |variant: &Variant| variant.schema.members().is_empty();
        if variants.iter().all(only_require) {
            let required: Vec<String> =
                variants.iter().map(|variant| variant.schema.required().join(" and ")).collect();
            let required = required.into_iter().filter(|names| !names.is_empty());
            let required = required.collect::<Vec<_>>().join(" or ");
            if !required.is_empty() {
                self.push(level, &format!("required: {required}"), String::new());
            }
            return;
        }
        for (index, variant) in variants.iter().enumerate() {
            let words = if index == 0 { "either:" } else { "or:" };
            if variant.schema.kinds() == [Kind::Object] {
                self.push(level, words, String::new());
                self.add(variant.schema, side, level + 1);
            } else {
                self.push(level, words, facts(variant.schema, false, side));
            }
        }
    }

    /// Adds members, the required ones first.
    pub(super) fn add_members(
        &mut self,
        members: &[Member],
        tag: Option<&str>,
        side: Side,
        level: usize,
    ) {
        let mut members: Vec<Member> =
            members.iter().copied().filter(|member| Some(member.name) != tag).collect();
        if side == Side::Request {
            members.sort_by_key(|member| !member.is_required);
        }
        for member in members {
            self.add_member(member, side, level);
        }
    }

    fn add_member(&mut self, member: Member, side: Side, level: usize) {
        let Member { name, schema, is_required } = member;
        let mut words = facts(schema, is_required, side);
        let below = schema.items().unwrap_or(schema);
        let has_members = !below.members().is_empty() || below.variants().len() > 1;
        if !has_members {
            self.push(level, name, words);
            return;
        }
        let known = below.name().and_then(|own| self.shown.iter().find(|(name, _)| *name == own));
        if let Some((_, place)) = known {
            words.push_str(&format!(", like {place} above"));
            self.push(level, name, words);
        } else if level + 1 >= self.deepest {
            self.is_cut = true;
            self.push(level, name, format!("{words} …"));
        } else {
            self.push(level, name, words);
            if let Some(own) = below.name() {
                self.shown.push((own, name.to_owned()));
            }
            self.add(below, side, level + 1);
        }
    }

    fn push(&mut self, level: usize, name: &str, facts: String) {
        self.lines.push(Line { level, name: name.to_owned(), facts });
    }
}

/// The members that every variant describes in the same words.
fn common(variants: &[Variant], tag: &str) -> Vec<Member> {
    let Some((first, others)) = variants.split_first() else { return Vec::new() };
    let is_common = |member: &Member| {
        others.iter().all(|other| {
            other.schema.member(member.name).is_some_and(|own| {
                own.is_required == member.is_required && own.schema.is_like(member.schema)
            })
        })
    };
    let members = first.schema.members().into_iter();
    members.filter(|member| member.name != tag && is_common(member)).collect()
}
