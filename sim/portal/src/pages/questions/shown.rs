//! The questions that a person asked, and what those who looked answered: asked live, so that
//! nothing is held twice. Only what nobody takes comes from here.

use sim_clock::UtcTime;

use super::kept::Question;
use super::{REASON_LOOK, Verdict};
use crate::exchange::path_of;
use crate::format;
use crate::pages::trouble::TroubleView;
use crate::registries::{Inquiries, Inquiry};
use crate::visit::Citizen;

/// What stands under the looks.
pub(crate) struct Shown {
    /// Newest first.
    pub(crate) questions: Vec<QuestionView>,
    /// Those who look and did not tell what they were asked, by their titles.
    pub(crate) silent: Vec<(String, TroubleView)>,
}

/// A question, its look and where it stands.
pub(crate) struct QuestionView {
    asked: Option<UtcTime>,
    pub(crate) asked_at: String,
    pub(crate) who: String,
    pub(crate) register: String,
    pub(crate) look_time: String,
    pub(crate) text: String,
    /// What the one who looked answered; nothing where nobody takes the question.
    pub(crate) answer: Option<AnswerView>,
}

/// An answer to a question.
pub(crate) struct AnswerView {
    pub(crate) verdict: Verdict,
    pub(crate) text: String,
    pub(crate) case: Option<String>,
    pub(crate) sanction: Option<String>,
}

// === impl Shown ===

impl Shown {
    pub(crate) async fn of(citizen: &Citizen) -> Self {
        let (visit, person) = (&citizen.visit, citizen.person());
        let portal = &visit.portal;
        let path = path_of(person);
        let asked = portal.services.inquiries.iter().map(|answerer| {
            let question = answerer.service.about(person, &path, REASON_LOOK);
            async move {
                let answered = portal.exchange.ask::<Inquiries>(question).await;
                (answerer, answered)
            }
        });
        let kept = portal.questions.of(person).into_iter();
        let mut questions: Vec<_> = kept.map(QuestionView::of_kept).collect();
        let mut silent = Vec::new();
        for (answerer, answered) in crate::together::all(asked).await {
            match answered.outcome {
                Ok(found) => {
                    let inquiries = found.inquiries.into_iter();
                    let who = &answerer.title;
                    questions.extend(inquiries.map(|inquiry| QuestionView::of(inquiry, who)));
                }
                Err(trouble) => {
                    let view = TroubleView::of(&trouble, answered.message_id, visit.texts());
                    silent.push((answerer.title.clone(), view));
                }
            }
        }
        questions.sort_by_key(|question| std::cmp::Reverse(question.asked));
        Self { questions, silent }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.questions.is_empty() && self.silent.is_empty()
    }
}

// === impl QuestionView ===

impl QuestionView {
    fn of(inquiry: Inquiry, who: &str) -> Self {
        let asked = UtcTime::parse_rfc3339(&inquiry.asked_at);
        Self {
            asked_at: format::readable(&inquiry.asked_at),
            asked,
            who: who.to_owned(),
            register: inquiry.register,
            look_time: format::readable(&inquiry.logtime),
            text: inquiry.question,
            answer: Some(AnswerView {
                verdict: Verdict::of(&inquiry.verdict),
                text: inquiry.answer,
                case: inquiry.case,
                sanction: inquiry.sanction,
            }),
        }
    }

    fn of_kept(question: Question) -> Self {
        Self {
            asked: Some(question.asked_at),
            asked_at: format::table_time(question.asked_at),
            who: question.look.who,
            register: question.look.register,
            look_time: format::readable(&question.look.time),
            text: question.text,
            answer: None,
        }
    }
}
