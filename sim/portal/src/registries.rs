//! What the registries answer, as far as pages show it.
//!
//! Members that a page does not need are not read, and what a registry adds later does no harm.

mod listing;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use listing::Listing;

/// What the population register holds of a person.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) national_id: String,
    pub(crate) given_name: String,
    pub(crate) surname: String,
    pub(crate) birth_date: String,
    #[serde(default)]
    pub(crate) sex: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) died_on: Option<String>,
    #[serde(default)]
    pub(crate) address: Option<Address>,
}

/// Where somebody lives.
#[derive(Debug, Deserialize)]
pub(crate) struct Address {
    pub(crate) street: String,
    pub(crate) house: u32,
    #[serde(default)]
    pub(crate) apartment: Option<u32>,
    #[serde(default)]
    pub(crate) postcode: String,
    #[serde(default)]
    pub(crate) municipality: String,
}

/// A person's closest people.
#[derive(Debug, Deserialize)]
pub(crate) struct Relations {
    #[serde(default)]
    pub(crate) mother: Option<Relative>,
    #[serde(default)]
    pub(crate) father: Option<Relative>,
    #[serde(default)]
    pub(crate) partner: Option<Relative>,
    #[serde(default)]
    pub(crate) children: Vec<Relative>,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Relative {
    pub(crate) national_id: String,
    pub(crate) given_name: String,
    pub(crate) surname: String,
    pub(crate) birth_date: String,
}

/// What social insurance pays to a person.
#[derive(Debug, Deserialize)]
pub(crate) struct Benefits {
    #[serde(default)]
    pub(crate) benefits: Vec<Benefit>,
}

/// One benefit; the amount is in hundredths of the currency.
#[derive(Debug, Deserialize)]
pub(crate) struct Benefit {
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) since: String,
    pub(crate) monthly_amount: i64,
    /// The child it is paid for.
    #[serde(default)]
    pub(crate) r#for: Option<String>,
}

/// A year as the tax office has it; amounts are in hundredths of the currency.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Declaration {
    pub(crate) year: i32,
    pub(crate) income: i64,
    pub(crate) tax_paid: i64,
    pub(crate) refund: i64,
    #[serde(default)]
    pub(crate) children: Option<u32>,
    #[serde(default)]
    pub(crate) employers: Vec<Employer>,
}

/// Who paid somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Employer {
    #[serde(default)]
    pub(crate) code: String,
    /// Where the tax office tells it; the business register is its master.
    #[serde(default)]
    pub(crate) name: Option<String>,
    pub(crate) income: i64,
}

/// A health record, as far as it is shown here.
#[derive(Debug, Deserialize)]
pub(crate) struct HealthRecord {
    #[serde(default)]
    pub(crate) diagnoses: Listing,
    #[serde(default)]
    pub(crate) blocked: bool,
}

/// Where somebody learns and learnt.
#[derive(Debug, Deserialize)]
pub(crate) struct Studies {
    #[serde(default)]
    pub(crate) studies: Vec<Study>,
}

/// One school.
#[derive(Debug, Deserialize)]
pub(crate) struct Study {
    pub(crate) school: String,
    #[serde(default)]
    pub(crate) level: String,
    /// Year of school, where it goes on.
    #[serde(default)]
    pub(crate) form: Option<u32>,
    /// When it ended.
    #[serde(default)]
    pub(crate) completed: Option<String>,
}

/// Applications that a registry has.
#[derive(Debug, Deserialize)]
pub(crate) struct HandedIn {
    #[serde(default)]
    pub(crate) applications: Vec<KnownApplication>,
}

/// One of them.
#[derive(Debug, Deserialize)]
pub(crate) struct KnownApplication {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) submitted_at: String,
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// Times at a doctor.
#[derive(Debug, Deserialize)]
pub(crate) struct Appointments {
    #[serde(default)]
    pub(crate) doctor: Value,
    #[serde(default)]
    pub(crate) booked: Vec<String>,
    #[serde(default)]
    pub(crate) free: Vec<String>,
}

/// Whether a record is closed.
#[derive(Debug, Deserialize)]
pub(crate) struct Blocking {
    pub(crate) blocked: bool,
}

/// A person's consents.
#[derive(Debug, Deserialize)]
pub(crate) struct Consents {
    pub(crate) consents: Vec<Consent>,
}

/// One consent; times are RFC 3339.
#[derive(Debug, Deserialize)]
pub(crate) struct Consent {
    pub(crate) reference: String,
    /// The subsystem that wants the data.
    pub(crate) receiver: String,
    pub(crate) purpose: String,
    /// Whose record it opens, such as `health/record`.
    pub(crate) data: String,
    /// `requested`, `approved`, `declined`, `withdrawn` or `expired`.
    pub(crate) status: String,
    pub(crate) since: String,
    #[serde(default)]
    pub(crate) until: Option<String>,
}

/// An insurer's offer; the premium is in hundredths of the currency.
#[derive(Debug, Deserialize)]
pub(crate) struct Offer {
    pub(crate) monthly_premium: i64,
    pub(crate) based_on: String,
}

/// What a person asked somebody who looks at people's data.
#[derive(Debug, Deserialize)]
pub(crate) struct Inquiries {
    pub(crate) inquiries: Vec<Inquiry>,
}

/// One question about one look, and its answer; times are RFC 3339.
#[derive(Debug, Deserialize)]
pub(crate) struct Inquiry {
    /// The register that told of the look, and when it was.
    pub(crate) register: String,
    pub(crate) logtime: String,
    pub(crate) question: String,
    pub(crate) asked_at: String,
    /// `justified`, `unjustified` or `unknown`.
    pub(crate) verdict: String,
    pub(crate) answer: String,
    /// What the look was for, such as an application.
    #[serde(default)]
    pub(crate) case: Option<String>,
    /// What happened to the official.
    #[serde(default)]
    pub(crate) sanction: Option<String>,
}

/// A page of a data tracker's log (data tracker protocol, version 1.6).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usages {
    pub(crate) total_usages: u64,
    pub(crate) usages: Vec<Usage>,
}

/// One look at somebody's data.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage {
    pub(crate) logtime: String,
    pub(crate) action: String,
    pub(crate) receiver_code: String,
    #[serde(default)]
    pub(crate) receiver_name: Option<String>,
    #[serde(default)]
    pub(crate) receiver_system: String,
}

// === impl Benefit ===

impl Benefit {
    /// The child it is paid for; `for` is no name in a template.
    pub(crate) fn for_whom(&self) -> Option<&str> {
        self.r#for.as_deref()
    }
}

// === impl Address ===

impl Address {
    /// `Street 5-12`.
    pub(crate) fn door(&self) -> String {
        let apartment = self.apartment.map(|apartment| format!("-{apartment}"));
        format!(
            "{} {}{}",
            self.street,
            self.house,
            apartment.unwrap_or_default()
        )
    }
}

// === impl Relations ===

impl Relations {
    pub(crate) fn is_empty(&self) -> bool {
        self.mother.is_none()
            && self.father.is_none()
            && self.partner.is_none()
            && self.children.is_empty()
    }
}
