//! Which question comes when: a deck of cards that is gone through again and again.
//!
//! Every card is a question's kind and size. Kinds have exactly their weights' shares of the
//! deck, sizes are the even quantiles of their distribution, and the seed shuffles: so a load of
//! any length has the shares and sizes that were asked for, not only on average, and which exchange
//! asks about whom is known without going through those before it.

use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use crate::questions::Ask;

/// Cards of a deck that is a mix of questions: shares come out right to a hundredth of a per cent.
pub const DECK: usize = 10_000;

/// Cards, and where each begins.
#[derive(Clone, Debug)]
pub(crate) struct Deck {
    cards: Vec<Card>,
    /// People that one deck asks about.
    people: u64,
}

/// One exchange of a deck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    /// Which of the asks.
    pub(crate) ask: usize,
    /// The first person, counted from the beginning of the deck.
    pub(crate) first: u64,
    /// How many people are asked about.
    pub(crate) size: u64,
}

// === impl Deck ===

impl Deck {
    /// One card where all questions are alike; otherwise [`DECK`].
    pub(crate) fn shuffled(asks: &[Ask], mut rng: ChaCha8Rng) -> Self {
        let all_alike = matches!(asks, [ask] if ask.sizes.range(DECK as u64).0 == ask.sizes.range(DECK as u64).1);
        let length = if all_alike { 1 } else { DECK };
        let mut cards = Vec::with_capacity(length);
        for (ask, count) in counts(asks, length).into_iter().enumerate() {
            let size = |place: usize| {
                let quantile = (place as f64 + 0.5) / count as f64;
                asks[ask].sizes.quantile(quantile)
            };
            cards.extend((0..count).map(|place| Card {
                ask,
                first: 0,
                size: size(place),
            }));
        }
        cards.shuffle(&mut rng);
        let mut people = 0;
        for card in &mut cards {
            card.first = people;
            people += card.size;
        }
        Self { cards, people }
    }

    /// The card of the exchange with this number; people are counted on from deck to deck.
    pub(crate) fn card(&self, index: u64) -> Card {
        let length = self.cards.len() as u64;
        // Below the length, so it is an index.
        let card = self.cards[(index % length) as usize];
        Card {
            first: card.first + index / length * self.people,
            ..card
        }
    }

    /// How many exchanges it takes to ask about so many people.
    pub(crate) fn exchanges_for(&self, people: u64) -> u64 {
        let left = people % self.people;
        let of_the_last = self.cards.partition_point(|card| card.first < left);
        people / self.people * self.cards.len() as u64 + of_the_last as u64
    }
}

/// Shares of `length` by weight, whole cards: what is left over goes to the largest remainders.
fn counts(asks: &[Ask], length: usize) -> Vec<usize> {
    let total: u64 = asks.iter().map(|ask| u64::from(ask.weight)).sum();
    let share = |ask: &Ask| u64::from(ask.weight) * length as u64;
    let mut counts: Vec<usize> = asks
        .iter()
        .map(|ask| (share(ask) / total) as usize)
        .collect();
    let mut by_remainder: Vec<usize> = (0..asks.len()).collect();
    by_remainder.sort_by_key(|ask| std::cmp::Reverse(share(&asks[*ask]) % total));
    let left = length - counts.iter().sum::<usize>();
    for ask in by_remainder.into_iter().take(left) {
        counts[ask] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::Subject;
    use crate::sizes::Sizes;

    fn ask(weight: u32, sizes: Sizes) -> Ask {
        Ask {
            subject: Subject::Deaths,
            weight,
            sizes,
        }
    }

    fn deck(asks: &[Ask]) -> Deck {
        Deck::shuffled(asks, sim_clock::rng(7, "deck"))
    }

    #[test]
    fn shares_and_sizes_are_exact_in_every_deck() {
        let asks = [
            ask(90, Sizes::Fixed(1)),
            ask(9, Sizes::Uniform { from: 20, to: 29 }),
            ask(1, Sizes::Fixed(1_000)),
        ];
        let deck = deck(&asks);
        assert_eq!(deck.people, 9_000 + 900 * 49 / 2 + 100 * 1_000);
        for ask in 0..3 {
            let drawn = deck.cards.iter().filter(|card| card.ask == ask).count();
            assert_eq!(drawn, [9_000, 900, 100][ask]);
        }
        // Shuffled: no tenth of the deck has all the large ones.
        let large = |cards: &[Card]| cards.iter().filter(|card| card.ask == 2).count();
        assert!(
            deck.cards
                .chunks(1_000)
                .all(|cards| (1..40).contains(&large(cards)))
        );
    }

    #[test]
    fn people_follow_each_other_without_a_gap() {
        let deck = deck(&[
            ask(2, Sizes::Fixed(3)),
            ask(1, Sizes::LogNormal { median: 2, p99: 90 }),
        ]);
        let mut next = 0;
        for index in 0..3 * DECK as u64 {
            let card = deck.card(index);
            assert_eq!(card.first, next, "{index}");
            assert_eq!(deck.exchanges_for(next), index);
            next += card.size;
            assert_eq!(deck.exchanges_for(next), index + 1);
        }
    }

    #[test]
    fn what_is_always_the_same_is_one_card() {
        let deck = deck(&[ask(5, Sizes::Fixed(4))]);
        assert_eq!(deck.cards.len(), 1);
        assert_eq!(deck.card(6).first, 24);
        assert_eq!(
            [9, 8, 1, 0].map(|people| deck.exchanges_for(people)),
            [3, 2, 1, 0]
        );
    }
}
