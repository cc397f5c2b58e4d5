//! The client against the tiny internet.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod polite;
#[cfg(test)]
mod posts;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod redirects;
#[cfg(test)]
mod render;
#[cfg(test)]
mod retry;
#[cfg(test)]
mod robots;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
