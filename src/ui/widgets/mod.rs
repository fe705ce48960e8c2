//! Parts without knowledge of errors and requests: icons, dialogs, menus, messages.

pub(super) mod dialog;
pub(super) mod icon;
pub(super) mod menu;
pub(super) mod messages;
