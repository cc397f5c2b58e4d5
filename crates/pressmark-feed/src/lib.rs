//! Reads and writes feeds: RSS, Atom, RDF, JSON Feed.
