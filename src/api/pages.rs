//! From one page of a list to the next: the same request with another token, never a URL that a
//! response names, and never the same page twice.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use crate::api::list::Next;
use crate::api::request::Request;
use crate::error::PagingFault;

/// The name of the token in a query, on every version of the API.
const TOKEN: &str = "token";

/// This many empty pages in a row are an error. One is legitimate: items may have been deleted.
const MOST_EMPTY_PAGES: u32 = 20;

/// The longest path and query of a page: with an address before it, a server still takes it.
const LONGEST_TARGET: usize = 14 * 1024;

/// A walk through the pages of a list.
pub struct Pages {
    request: Request,
    token: Option<String>,
    /// The number of items on the pages that were read.
    items: u64,
    /// The number of pages that were read.
    read: u64,
    /// The number of empty pages since the last item.
    empty: u32,
    /// Tokens that were followed, as hashes: a list of a million items has many.
    followed: HashSet<u64>,
    hasher: RandomState,
}

impl Pages {
    /// A walk that begins with the page that the request asks for.
    pub fn beginning_with(request: Request) -> Pages {
        let token = request.query.iter().rev().find(|(name, _)| name == TOKEN);
        let mut pages = Pages {
            token: token.map(|(_, token)| token.clone()),
            request,
            items: 0,
            read: 0,
            empty: 0,
            followed: HashSet::new(),
            hasher: RandomState::new(),
        };
        if let Some(token) = &pages.token {
            pages.followed.insert(pages.hasher.hash_one(token));
        }
        pages
    }

    /// The request of the page that is due.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The token of the page that is due; none for the first of all.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The number of items on the pages that were read.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// Returns true if no page was read yet.
    pub fn is_first(&self) -> bool {
        self.read == 0
    }

    /// Counts a page with so many items as read and goes to the one that comes next; false if
    /// none does.
    ///
    /// # Errors
    /// The list has no end: that page was read before, it cannot be asked for, or too many pages
    /// in a row were empty.
    pub fn turn(&mut self, items: usize, next: Next) -> Result<bool, PagingFault> {
        self.items += items as u64;
        self.read += 1;
        self.empty = if items == 0 { self.empty + 1 } else { 0 };
        let token = match next {
            Next::Nothing => return Ok(false),
            Next::Unknown => return Err(PagingFault::NoToken),
            Next::Page(token) => token,
        };
        if self.empty >= MOST_EMPTY_PAGES {
            return Err(PagingFault::Empty(self.empty));
        }
        if !self.followed.insert(self.hasher.hash_one(&token)) {
            return Err(PagingFault::Repeated);
        }
        if token.len() > LONGEST_TARGET {
            return Err(PagingFault::LongToken);
        }
        self.request.endpoint = self.request.endpoint.without_parameter(TOKEN);
        self.request.query.retain(|(name, _)| name != TOKEN);
        self.request.query.push((TOKEN.to_owned(), token.clone()));
        if self.request.target().len() > LONGEST_TARGET {
            return Err(PagingFault::LongToken);
        }
        self.token = Some(token);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::endpoint::Endpoint;
    use crate::api::origin::Base;

    fn pages(endpoint: &str, query: &[(&str, &str)]) -> Pages {
        let base = Base::parse("https://api.heygen.com").expect("a base");
        let endpoint = Endpoint::parse(endpoint, &base).expect("an endpoint");
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Pages::beginning_with(Request { query: query.collect(), ..Request::get(endpoint) })
    }

    fn to(token: &str) -> Next {
        Next::Page(token.to_owned())
    }

    #[test]
    fn next_request_changes_only_the_token() {
        let mut pages = pages("/v3/videos?token=a&limit=2", &[("title", "x"), ("token", "b")]);
        assert_eq!(pages.token(), Some("b"));
        assert_eq!(pages.turn(1, to("https://evil.test/?a&b")), Ok(true));
        let target = "/v3/videos?limit=2&title=x&token=https%3A%2F%2Fevil.test%2F%3Fa%26b";
        assert_eq!(pages.request().target(), target);
        assert_eq!(pages.turn(1, to("c")), Ok(true));
        assert_eq!(pages.request().target(), "/v3/videos?limit=2&title=x&token=c");
        assert_eq!(pages.turn(1, Next::Nothing), Ok(false));
    }

    #[test]
    fn detects_circular_tokens() {
        let mut walk = pages("/v3/videos", &[("token", "a")]);
        assert_eq!(walk.turn(1, to("b")), Ok(true));
        assert_eq!(walk.turn(1, to("a")), Err(PagingFault::Repeated));
        assert_eq!(pages("/v3/videos", &[]).turn(1, Next::Unknown), Err(PagingFault::NoToken));
    }

    #[test]
    fn token_must_fit_into_a_request() {
        for token in ["a".repeat(14 * 1024), "ä".repeat(3 * 1024)] {
            let mut walk = pages("/v3/videos", &[]);
            assert_eq!(walk.turn(1, to(&token)), Err(PagingFault::LongToken));
        }
        assert_eq!(pages("/v3/videos", &[]).turn(1, to(&"a".repeat(4096))), Ok(true));
    }

    #[test]
    fn many_empty_pages_are_an_error() {
        let mut walk = pages("/v3/videos", &[]);
        for page in 0..19 {
            assert_eq!(walk.turn(0, to(&page.to_string())), Ok(true), "{page}");
        }
        assert_eq!(walk.turn(1, to("full")), Ok(true));
        for page in 20..39 {
            assert_eq!(walk.turn(0, to(&page.to_string())), Ok(true), "{page}");
        }
        assert_eq!(walk.turn(0, to("last")), Err(PagingFault::Empty(20)));
        assert_eq!(walk.items(), 1);
    }
}
