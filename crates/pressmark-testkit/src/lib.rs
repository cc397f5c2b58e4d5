//! The tiny internet, clocks and conformance suites that the tests share.
