//! From entries to bytes: `JavaKeyStore.engineStore`.

use super::digest::store_digest;
use super::{
    CERTIFICATE_TYPE, Jks, JksContent, JksEntry, JksError, MAGIC, PRIVATE_KEY_TAG, TRUSTED_CERTIFICATE_TAG, VERSION_2,
    modified_utf8,
};

pub(super) fn encode(store: &Jks, password: &str) -> Result<Vec<u8>, JksError> {
    store.refuse_duplicate_aliases()?;
    let mut out = Vec::new();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION_2.to_be_bytes());
    put_int(&mut out, store.entries.len(), "number of entries")?;
    for entry in &store.entries {
        put_entry(&mut out, entry)?;
    }
    let digest = store_digest(password, &out);
    out.extend_from_slice(&digest);
    Ok(out)
}

fn put_entry(out: &mut Vec<u8>, entry: &JksEntry) -> Result<(), JksError> {
    match &entry.content {
        JksContent::PrivateKey { key, chain } => {
            put_entry_head(out, PRIVATE_KEY_TAG, entry)?;
            put_bytes(out, key.as_der(), "protected key")?;
            put_int(out, chain.len(), "number of certificates")?;
            chain.iter().try_for_each(|certificate| put_certificate(out, certificate))
        }
        JksContent::TrustedCertificate(certificate) => {
            put_entry_head(out, TRUSTED_CERTIFICATE_TAG, entry)?;
            put_certificate(out, certificate)
        }
    }
}

fn put_entry_head(out: &mut Vec<u8>, tag: u32, entry: &JksEntry) -> Result<(), JksError> {
    let alias = &entry.alias;
    let bytes = modified_utf8::encode(alias).ok_or_else(|| JksError::InvalidAlias { alias: alias.clone() })?;
    let length =
        u16::try_from(bytes.len()).map_err(|_| JksError::AliasTooLong { alias: alias.clone(), length: bytes.len() })?;
    out.extend_from_slice(&tag.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&bytes);
    out.extend_from_slice(&entry.created_ms.to_be_bytes());
    Ok(())
}

fn put_certificate(out: &mut Vec<u8>, der: &[u8]) -> Result<(), JksError> {
    out.extend_from_slice(&CERTIFICATE_TYPE);
    put_bytes(out, der, "certificate")
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8], what: &'static str) -> Result<(), JksError> {
    put_int(out, bytes.len(), what)?;
    out.extend_from_slice(bytes);
    Ok(())
}

fn put_int(out: &mut Vec<u8>, length: usize, what: &'static str) -> Result<(), JksError> {
    let int = i32::try_from(length).map_err(|_| JksError::TooLarge { what, length })?;
    out.extend_from_slice(&int.to_be_bytes());
    Ok(())
}
