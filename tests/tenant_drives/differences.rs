//! What the two servers answer the tenant differently, each with the reason why ours is right. Those that the connectors
//! bring with them stand in `tests/against_java`.

/// A known difference, given to [`Side::either`](crate::scene::Side::either) where a case meets it.
pub(crate) struct Difference(
    #[allow(dead_code, reason = "it is there for those who read the case")] &'static str,
);

/// docs/interoperability.md, lesson 3.
pub(crate) const LOST_WITH_ITS_SOCKET: Difference = Difference(
    "A Java server sends nothing again, so a search ends with its time-out when something was under way on a socket that is \
     lost; ours repeats what was not proven.",
);

pub(crate) const THREADS_DECIDE: Difference = Difference(
    "A Java server sends an error, the end of a subscription and the outcomes of a batch from other threads and over any of \
     its sockets, so they may overtake what came before, which is lost then; ours keeps the order.",
);

pub(crate) const SYNC_WITHOUT_TOKEN: Difference =
    Difference("The Java framework cannot read a request without a token; to ours it means everything.");

pub(crate) const EVERY_ROW_IS_AN_UPDATE: Difference = Difference(
    "Java's CSV connector tells every row that is not new as an update, changed or not; ours what changed.",
);

pub(crate) const COOKIE_WITHOUT_NEED: Difference = Difference(
    "Java's CSV connector gives a cookie where nothing follows or without a page size; ours exactly when there is more.",
);
