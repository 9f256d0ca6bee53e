//! The screens that pages are shown on.

use serde_json::{Value, json};

/// What somebody holds in their hand or has on their desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    Desktop,
    Phone,
}

// === impl Screen ===

impl Screen {
    pub(crate) const ALL: &'static [Self] = &[Self::Desktop, Self::Phone];
    pub(crate) const DESKTOP: &'static [Self] = &[Self::Desktop];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Phone => "phone",
        }
    }

    /// In pixels of style sheets.
    pub(crate) const fn width(self) -> u32 {
        match self {
            Self::Desktop => 1_280,
            Self::Phone => 390,
        }
    }

    const fn height(self) -> u32 {
        match self {
            Self::Desktop => 900,
            Self::Phone => 844,
        }
    }

    /// What ChromeDriver calls mobile emulation, though a desktop is emulated just as well: the
    /// window of a headless browser is smaller than what is asked for, by its frame.
    pub(crate) fn emulation(self) -> Value {
        let is_phone = self == Self::Phone;
        json!({ "deviceMetrics": {
            "width": self.width(),
            "height": self.height(),
            "pixelRatio": if is_phone { 2.0 } else { 1.0 },
            "touch": is_phone,
            "mobile": is_phone,
        }})
    }
}
