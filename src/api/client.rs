//! The only place where a request meets the key and the host.

use std::time::Instant;

use crate::api::event::{Event, Observer};
use crate::api::origin::Base;
use crate::api::request::Request;
use crate::api::response::Response;
use crate::api::transport::{KEY_HEADER, Outgoing, Transport};
use crate::error::Failure;
use crate::secret::Secret;

/// JSON is asked for; whatever else an endpoint has (audio, subtitles) is welcome too.
const ACCEPT: &str = "application/json, */*;q=0.8";

/// One API, one key.
pub struct Client<'c> {
    /// Where the API is.
    pub base: &'c Base,
    /// The key, which goes there and nowhere else.
    pub key: &'c Secret,
    /// What carries the requests.
    pub transport: &'c dyn Transport,
    /// Who is told what happens.
    pub observer: &'c Observer<'c>,
}

impl Client<'_> {
    /// Sends a request once and returns the answer, whatever its status.
    ///
    /// # Errors
    /// No answer came.
    pub fn send(&self, request: &Request) -> Result<Response, Failure> {
        let url = self.base.url(&request.target());
        let headers = [("accept".to_owned(), ACCEPT.to_owned())];
        let mut shown = headers.to_vec();
        shown.push((KEY_HEADER.to_owned(), self.key.masked()));
        (self.observer)(&Event::Sending {
            method: request.method.as_str(),
            url: &url,
            headers: &shown,
        });
        let started = Instant::now();
        let response = self.transport.send(&Outgoing {
            method: request.method.clone(),
            url: &url,
            // An `Endpoint` names no host, so that this URL is on the origin that the key is for.
            origin: self.base.origin(),
            headers: &headers,
            key: Some(self.key),
        })?;
        self.tell_received(&response, started);
        Ok(response)
    }

    fn tell_received(&self, response: &Response, started: Instant) {
        let headers: Vec<(String, String)> = response
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str().to_owned(), self.key.mask(&value).into_owned())
            })
            .collect();
        let status = http::StatusCode::from_u16(response.status)
            .map_or_else(|_| response.status.to_string(), |status| status.to_string());
        (self.observer)(&Event::Received {
            status: &status,
            headers: &headers,
            after: started.elapsed(),
        });
    }
}
