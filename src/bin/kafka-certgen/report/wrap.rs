//! Text in lines.

/// Breaks text into lines of so many characters: between words, and within a word that is too long where it has a joint.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    fill(text, width, |word| joint(word, width))
}

/// Breaks text between words alone: a path that is too long stays in one piece.
pub(super) fn wrap_words(text: &str, width: usize) -> Vec<String> {
    fill(text, width, str::len)
}

/// Breaks text into lines; a word that is wider than a line is cut where it is said.
fn fill(text: &str, width: usize, cut: impl Fn(&str) -> usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let used = line.chars().count();
            let room = if used == 0 { width } else { width.saturating_sub(used + 1) };
            if word.chars().nth(room).is_none() {
                break;
            }
            if used > 0 {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let (head, rest) = word.split_at(cut(word));
            if rest.is_empty() {
                break;
            }
            lines.push(head.to_owned());
            word = rest;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Returns where a word that is too long is broken.
fn joint(word: &str, width: usize) -> usize {
    let end = word.char_indices().nth(width.max(1)).map_or(word.len(), |(at, _)| at);
    let joint = word[..end].rfind([',', '_', '.', '-', '/', ':', '=']).map_or(0, |at| at + 1);
    if joint > end / 3 { joint } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_long_words_at_a_joint() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("TLS_AES_256_GCM_SHA384", 16), ["TLS_AES_256_GCM_", "SHA384"]);
        assert_eq!(wrap("a TLS_AES_256_GCM_SHA384 b", 16), ["a", "TLS_AES_256_GCM_", "SHA384 b"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("ünïcödé ö", 4), ["ünïc", "ödé", "ö"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn no_line_is_longer_than_the_table_and_no_character_is_lost() {
        let text = "CN=broker1,OU=Kafka,O=Acme\\, Inc.,L=SF,ST=CA,C=US signed by aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        for width in 1..60 {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn a_long_word_stays_in_one_piece_where_only_words_are_parted() {
        assert_eq!(wrap_words("in /a/long/path of it", 6), ["in", "/a/long/path", "of it"]);
        assert_eq!(wrap_words("/a/long/path", 6), ["/a/long/path"]);
        assert_eq!(wrap_words("one two", 7), ["one two"]);
    }
}
