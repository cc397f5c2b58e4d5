//! Any bytes as a WARC file and as an HTTP message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressmark_warc::{HttpResponse, Reader, Stored, Writer, final_response};

fuzz_target!(|bytes: &[u8]| {
    for stored in Reader::new(bytes).take(1_000) {
        let Ok(stored) = stored else { break };
        let _ = stored.verify();
        let mut writer = Writer::new(Vec::new());
        if writer.write(&stored.record).is_ok() {
            let again = Stored::from_range(&writer.into_inner(), 0).expect("it was just written");
            assert_eq!(again.record, stored.record);
        }
    }
    let _ = Stored::from_range(bytes, 0);
    if let Ok(response) = HttpResponse::parse(final_response(bytes)) {
        let _ = response.decoded_body(1 << 20);
    }
});
