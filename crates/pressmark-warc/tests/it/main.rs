//! Records survive the way to a file and back, damage is found, and others read what we write.

#[cfg(test)]
mod props;
#[cfg(test)]
mod warcio;
