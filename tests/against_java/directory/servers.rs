//! Two directories, one for each side.

use directories::ds389::{self, Ds389};
use directories::slapd::{self, Slapd};

/// Whose directory it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brand {
    OpenLdap,
    Ds389,
}

/// A directory that gets the company at the beginning of a scene.
pub(crate) enum Server {
    OpenLdap(Slapd),
    Ds389(Ds389),
}

/// One for each side.
pub(crate) struct Pair([Server; 2]);

impl Server {
    fn of(brand: Brand) -> Self {
        match brand {
            Brand::OpenLdap => Self::OpenLdap(Slapd::start()),
            Brand::Ds389 => Self::Ds389(Ds389::another()),
        }
    }

    pub(crate) const fn port(&self) -> u16 {
        match self {
            Self::OpenLdap(server) => server.port,
            Self::Ds389(server) => server.port,
        }
    }

    pub(crate) const fn admin(&self) -> &'static str {
        match self {
            Self::OpenLdap(_) => slapd::ADMIN,
            Self::Ds389(_) => ds389::ADMIN,
        }
    }

    pub(crate) const fn secret(&self) -> &'static str {
        match self {
            Self::OpenLdap(_) => slapd::SECRET,
            Self::Ds389(_) => ds389::SECRET,
        }
    }
}

impl Pair {
    pub(crate) fn of(brand: Brand) -> Self {
        Self([Server::of(brand), Server::of(brand)])
    }

    /// The company is what it was: in another process where that is cheap, else put back.
    pub(crate) fn begin(&mut self) {
        for server in &mut self.0 {
            match server {
                Server::OpenLdap(old) => *old = Slapd::start(),
                Server::Ds389(server) => server.restore_company(),
            }
        }
    }

    pub(crate) const fn java(&self) -> &Server {
        &self.0[0]
    }

    pub(crate) const fn ours(&self) -> &Server {
        &self.0[1]
    }
}
