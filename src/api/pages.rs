//! From one page of a list to the next: the same request with another token, never a URL that an
//! answer names, and never the same page twice.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use crate::api::list::Next;
use crate::api::request::Request;
use crate::error::PagingFault;

/// The name of the token in a query, on every version of the API.
const TOKEN: &str = "token";

/// A walk through the pages of a list.
pub struct Pages {
    request: Request,
    token: Option<String>,
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

    /// Goes to the page that an answer says comes next; false if none does.
    ///
    /// # Errors
    /// That page was read before, or nobody knows how to ask for it: the list has no end.
    pub fn turn(&mut self, next: Next) -> Result<bool, PagingFault> {
        let token = match next {
            Next::Nothing => return Ok(false),
            Next::Unknown => return Err(PagingFault::NoToken),
            Next::Page(token) => token,
        };
        if !self.followed.insert(self.hasher.hash_one(&token)) {
            return Err(PagingFault::Repeated);
        }
        self.request.endpoint = self.request.endpoint.without_parameter(TOKEN);
        self.request.query.retain(|(name, _)| name != TOKEN);
        self.request.query.push((TOKEN.to_owned(), token.clone()));
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
        assert_eq!(pages.turn(to("https://evil.test/?a&b")), Ok(true));
        let target = "/v3/videos?limit=2&title=x&token=https%3A%2F%2Fevil.test%2F%3Fa%26b";
        assert_eq!(pages.request().target(), target);
        assert_eq!(pages.turn(to("c")), Ok(true));
        assert_eq!(pages.request().target(), "/v3/videos?limit=2&title=x&token=c");
        assert_eq!(pages.turn(Next::Nothing), Ok(false));
    }

    #[test]
    fn detects_circular_tokens() {
        let mut walk = pages("/v3/videos", &[("token", "a")]);
        assert_eq!(walk.turn(to("b")), Ok(true));
        assert_eq!(walk.turn(to("a")), Err(PagingFault::Repeated));
        assert_eq!(pages("/v3/videos", &[]).turn(Next::Unknown), Err(PagingFault::NoToken));
    }
}
