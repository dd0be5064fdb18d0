//! Files on disk and the environment, as typed values that remember where they came from.
//!
//! What a keymap or a theme means is not known here, only its text; nothing here draws or prints.

pub mod assets;
pub mod clock;
pub mod drills;
mod goods;
pub mod incident;
mod layers;
mod lines;
mod outputs;
pub mod paths;
mod player;
pub mod settings;
mod spec;
pub mod state;
mod trust;
pub mod workspaces;

pub use assets::{Assets, Listed, Shelf, Text, user_file};
pub use goods::{Good, Goods};
pub use layers::{Flag, Inputs, Row};
pub use outputs::Outputs;
pub use paths::{Environment, Locations};
pub use settings::{PreviewPlace, Settings, Sourced, load};
pub use trust::{TrustBook, TrustStore};
