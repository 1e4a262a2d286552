//! Why a store cannot be read, and what its owner can do about it.

use crate::{Format, MAX_STORE_BYTES};

const TO_PKCS12: &str = "keytool -importkeystore -srckeystore OLD -srcstoretype JCEKS -destkeystore NEW.p12 -deststoretype PKCS12";

/// Why a store cannot be read. No message holds a password or anything decrypted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file has no bytes.
    #[error("the store is empty: give a PKCS12, JKS or PEM file")]
    Empty,
    /// The file is beyond [`MAX_STORE_BYTES`].
    #[error(
        "the store has {bytes} bytes, more than the {MAX_STORE_BYTES} that are read: is it a store at all?"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The first bytes are those of no known format.
    #[error(
        "neither PKCS12, JKS nor PEM by its first bytes: convert it with keytool -importkeystore or openssl pkcs12"
    )]
    Unrecognised,
    /// Java's encrypted variant, whose algorithms are not supported.
    #[error("JCEKS stores are not supported: convert it with {TO_PKCS12}")]
    Jceks,
    /// A certificate (or something else in DER) without a store around it.
    #[error(
        "a bare DER structure, not a store: convert it with openssl x509 -inform DER -in OLD -out NEW.pem"
    )]
    BareDer,
    /// A `...Type` setting that names no format.
    #[error("unknown store type {name:?}: use PKCS12, JKS or PEM")]
    UnknownType {
        /// What was written.
        name: String,
    },
    /// The integrity check failed.
    #[error("the {format} store does not open with this password: it is wrong, or the file was damaged")]
    WrongPassword {
        /// What the store is.
        format: Format,
    },
    /// The store is protected and no password was given.
    #[error("the {format} store needs a password and none is configured")]
    PasswordMissing {
        /// What the store is.
        format: Format,
    },
    /// A key inside an intact store does not decrypt.
    #[error(
        "the key {alias:?} does not open with this key password: set keyPass to the password of the key itself"
    )]
    WrongKeyPassword {
        /// The entry.
        alias: String,
    },
    /// A password holds characters the format has no form for.
    #[error("the password holds characters that a {format} store cannot use")]
    PasswordCharacters {
        /// What the store is.
        format: Format,
    },
    /// The store protects an entry in a way that is not supported.
    #[error(
        "the {format} store uses {what}, which is not supported: rewrite it with keytool -importkeystore ... PKCS12"
    )]
    Unsupported {
        /// What the store is.
        format: Format,
        /// The unsupported thing.
        what: String,
    },
    /// The bytes break the rules of the format.
    #[error("the {format} store is damaged: {what}")]
    Malformed {
        /// What the store is.
        format: Format,
        /// What was wrong and where.
        what: String,
    },
    /// A PEM file with an encrypted key.
    #[error(
        "the PEM file's private key is encrypted: decrypt it with openssl pkey -in OLD -out NEW, or use PKCS12"
    )]
    EncryptedPemKey,
    /// A PEM file with several keys, which leaves open which certificate belongs to which.
    #[error("the PEM file holds {count} private keys: keep one, with its certificate chain")]
    SeveralPemKeys {
        /// How many there are.
        count: usize,
    },
}
