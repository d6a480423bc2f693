//! What the library predicts, beside what a stack has said.

use std::collections::HashMap;

use kafka_certgen::pki::DecodedCertificate;
use kafka_certgen::verify::acceptance::{self, Answer, Question, Stack, TlsVersion};
use time::OffsetDateTime;

use crate::cases::Case;
use crate::stacks::{Judge, Side};

/// The cases as the library reads them.
pub(crate) struct Predictor {
    cases: HashMap<String, Decoded>,
    at: OffsetDateTime,
}

struct Decoded {
    host: String,
    sent: Vec<DecodedCertificate>,
    anchors: Vec<DecodedCertificate>,
    tls: TlsVersion,
}

impl Predictor {
    pub(crate) fn new(cases: &[Case], at: OffsetDateTime) -> Self {
        let decode = |case: &Case, certificates: &[Vec<u8>]| -> Vec<DecodedCertificate> {
            let read = |der: &Vec<u8>| {
                DecodedCertificate::from_der(der).unwrap_or_else(|error| panic!("{}: {error}", case.name))
            };
            certificates.iter().map(read).collect()
        };
        let decoded = cases.iter().map(|case| {
            let tls = if case.is_tls_1_2 { TlsVersion::V1_2 } else { TlsVersion::V1_3 };
            let (sent, anchors) = (decode(case, &case.sent), decode(case, &case.anchors));
            (case.name.clone(), Decoded { host: case.host.clone(), sent, anchors, tls })
        });
        Self { cases: decoded.collect(), at }
    }

    /// Returns a line if a stack has said something else than was predicted.
    pub(crate) fn disagreement(&self, question: &(Judge, Side, String), said: &str) -> Option<String> {
        let (judge, side, name) = question;
        let predicted = match self.predict(*judge, *side, name) {
            Answer::Accepted { .. } => String::new(),
            Answer::Refused { message, .. } => message,
        };
        let [predicted, said] = [predicted.as_str(), said].map(|message| comparable(*judge, message));
        (predicted != said).then(|| format!("{judge:?} as {side:?}, {name}: `{said}` and not `{predicted}`"))
    }

    fn predict(&self, judge: Judge, side: Side, name: &str) -> Answer {
        let Decoded { host, sent, anchors, tls } = &self.cases[name];
        let side = match side {
            Side::Client => acceptance::Side::ServerFor { host: Some(host) },
            Side::Server => acceptance::Side::Client,
        };
        let stack = match judge {
            Judge::Java17 => Stack::Java17,
            Judge::JavaNewest => Stack::JavaNewest,
            Judge::OpenSsl | Judge::Librdkafka => Stack::OpenSsl,
            Judge::Python => Stack::Python,
            Judge::Node => Stack::Node,
            Judge::Go => Stack::Go,
            Judge::Rustls => Stack::Rustls,
        };
        acceptance::judge(stack, &Question { sent, anchors, side, tls: *tls, at: self.at })
    }
}

/// Leaves out of a message what differs from run to run, or goes on for pages.
fn comparable(judge: Judge, message: &str) -> String {
    let between = |start: &str, end: &str| {
        let (_, rest) = message.split_once(start).unwrap_or(("", message));
        rest.strip_suffix(end).unwrap_or(rest).to_owned()
    };
    match judge {
        // The reason stands behind what librdkafka prints, in parentheses.
        Judge::Librdkafka if message.contains("certificate verify failed") => {
            message.rsplit_once(" (").map_or_else(String::new, |(_, reason)| reason.to_owned())
        }
        Judge::OpenSsl if message.starts_with("error:") => between("certificate verify failed (", ")"),
        Judge::OpenSsl => between("certificate verify failed: ", ""),
        // Clocks go on.
        Judge::Go | Judge::Rustls if message.contains("current time ") || message.contains("verification time ") => {
            message.chars().filter(|c| !c.is_ascii_digit()).collect()
        }
        // The identifiers of all algorithms that it has follow.
        Judge::Rustls => message.split(" { ").next().unwrap().to_owned(),
        // What is no ASCII is quoted as JSON.
        Judge::Node => message.split("\"b\\u").next().unwrap().split("bücher").next().unwrap().to_owned(),
        _ => message.to_owned(),
    }
}
