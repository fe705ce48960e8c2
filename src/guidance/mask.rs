//! Why a piece of a message does not count for its cause: the rules by which values are masked, by name.

/// Which rule made a value of a piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// Digits: a number, a key, a date, a GUID.
    Number,
    /// Between quotes.
    Quoted,
    /// Between braces.
    Braced,
    /// A web address, a host or a mail address.
    Address,
    /// A legal entity.
    Company,
    /// What the words before announce: `with values`, `was not found:`, the key of a record.
    Announced,
    /// The name of a party.
    Party,
    /// A key in capital letters.
    Key,
    /// A field of the schema, named without quotes.
    Field,
    /// What was masked or cut already.
    Ellipsis,
}

impl Mask {
    /// Its name for scripts and screens.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Quoted => "quoted",
            Self::Braced => "braced",
            Self::Address => "address",
            Self::Company => "company",
            Self::Announced => "announced",
            Self::Party => "party",
            Self::Key => "key",
            Self::Field => "field",
            Self::Ellipsis => "ellipsis",
        }
    }
}
