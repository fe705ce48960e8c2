//! What can be said about an error from its text: which table it is about, what kind of failure it is, its code, and
//! the cause it shares with other errors.
//!
//! Message texts are nested, joined without blanks and reworded between editions of the product, so everything here
//! rests on stable tokens (codes, names of entities, stems), never on whole sentences.
//!
//! Causes, codes and categories are asked of every row at import, hence no regular expressions and no allocation on the common
//! path, and what was read is kept by what messages say (`reading`); the catalogue of guidance and the harvest of missing
//! references are asked where somebody looks, or beforehand while nobody does.
//!
//! Deliberately absent: anything that needs more than one record.
//!
//! Invariant: [`cause::CauseId`]s are stable; a change of the scanner that moves a golden id is a change of contract.

pub mod aliases;
pub mod alike;
pub mod catalogue;
pub mod category;
pub mod cause;
pub mod code;
pub mod harvest;
pub mod reading;

mod alias_table;
mod bare;
mod context;
mod fold;
mod mask;
mod memo;
mod scan;
mod skeleton;
mod token;
mod vocabulary;

#[cfg(test)]
mod documented;
