//! What the programs here have in common: how they are called, and the records that they write and read back.

use std::error::Error;
use std::time::Duration;

pub const COUNT: usize = 1000;
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A key and a value.
pub type Pair = (Vec<u8>, Vec<u8>);

pub fn written() -> Vec<Pair> {
    (0..COUNT).map(|i| (i.to_string().into_bytes(), format!("-{i}").into_bytes())).collect()
}

pub fn check(read: &[Pair]) -> Result<(), Box<dyn Error>> {
    if read != written() {
        return Err(format!("{} records came back, and not as they were written", read.len()).into());
    }
    println!("{COUNT} records read back as written");
    Ok(())
}

/// The topic, and whether the client's certificate is to be left out: `PROGRAM TOPIC [without-certificate]`.
pub fn arguments() -> (String, bool) {
    let mut arguments = std::env::args().skip(1);
    let topic = arguments.next().expect("no topic is named");
    (topic, arguments.next().as_deref() == Some("without-certificate"))
}
