//! Jobs: work at HeyGen that goes on after the response of the call that started it.
//!
//! ```text
//! job       a name on the command line, or a create's response ──▶ Job    what to ask for
//! state     a response ──▶ State                                          what it says
//! wait      Jobs ──▶ Ended, Ended, …                                      asking until all have ended
//! batch     a response ──▶ Jobs                                           those of which it consists
//! files     a response ──▶ links, and names here                          what a finished job has
//! transfer  a link ──▶ bytes in a Sink                                    through all that goes wrong
//! part      the Sink that becomes a file                                  and that the next run goes on with
//! ```

pub mod batch;
pub mod files;
pub mod job;
pub mod part;
pub mod state;
pub mod transfer;
pub mod wait;

/// The value at a place such as `data.status` in a response.
fn at<'t>(whole: &'t [u8], place: &str) -> Option<&'t [u8]> {
    place.split('.').try_fold(whole, crate::json::member)
}
