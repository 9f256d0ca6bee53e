//! The tree over a batch, and the way from its top to one leaf.

use crate::digest::{SHA512_URI, Sha512};

/// DER around one digest of a list: SEQUENCE (109 bytes) { OCTET STRING (64 bytes) …
const ITEM_HEAD: [u8; 4] = [0x30, 0x6d, 0x04, 0x40];

/// … UTF8String (39 bytes) with the algorithm's name …
const NAME_HEAD: [u8; 2] = [0x0c, 0x27];

/// … SEQUENCE (empty): no transforms }.
const ITEM_TAIL: [u8; 2] = [0x30, 0x00];

/// Encoded length of one digest of a list.
const ITEM_LEN: usize = ITEM_HEAD.len() + 64 + NAME_HEAD.len() + SHA512_URI.len() + 2;

/// Encoded length of a list of two, which is what every inner node hashes.
const PAIR_LEN: usize = 3 + 2 * ITEM_LEN;

/// Which way a sibling lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Before its sibling.
    Left,
    /// After its sibling.
    Right,
}

/// One level of the way from a tree's top to a leaf: the node that is not on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where the sibling lies, seen from the way.
    pub sibling_side: Side,
    /// The sibling's digest.
    pub sibling: Sha512,
}

/// The way from a tree's top to one leaf, top first; empty where the leaf is the top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TreePath(pub Vec<Step>);

/// A binary tree over the leaves of a batch, in their order.
///
/// An inner node is the digest list of its two children; a node without a sibling is lifted
/// unchanged to the next level.
#[derive(Clone, Debug)]
pub struct HashTree {
    /// The leaves first, the top (alone) last.
    levels: Vec<Vec<Sha512>>,
}

/// The digest list step: SHA-512 of the DER list of `digests`, each with its algorithm.
///
/// `SEQUENCE OF SEQUENCE { OCTET STRING digest, UTF8String algorithm, SEQUENCE {} }`
#[must_use]
pub fn digest_list(digests: &[Sha512]) -> Sha512 {
    if let [left, right] = digests {
        return digest_pair(left, right);
    }
    let mut der = list_header(digests.len() * ITEM_LEN);
    for digest in digests {
        der.extend_from_slice(&ITEM_HEAD);
        der.extend_from_slice(digest.as_bytes());
        der.extend_from_slice(&NAME_HEAD);
        der.extend_from_slice(SHA512_URI.as_bytes());
        der.extend_from_slice(&ITEM_TAIL);
    }
    Sha512::of(&der)
}

/// [`digest_list`] of two, without an allocation: trees consist of it.
pub(super) fn digest_pair(left: &Sha512, right: &Sha512) -> Sha512 {
    const TEMPLATE: [u8; PAIR_LEN] = pair_template();
    const LEFT: usize = 3 + ITEM_HEAD.len();
    const RIGHT: usize = LEFT + ITEM_LEN;
    let mut der = TEMPLATE;
    der[LEFT..LEFT + 64].copy_from_slice(left.as_bytes());
    der[RIGHT..RIGHT + 64].copy_from_slice(right.as_bytes());
    Sha512::of(&der)
}

const fn pair_template() -> [u8; PAIR_LEN] {
    let mut der = [0_u8; PAIR_LEN];
    der[0] = 0x30;
    der[1] = 0x81;
    der[2] = (2 * ITEM_LEN) as u8;
    let mut item = 0;
    while item < 2 {
        let start = 3 + item * ITEM_LEN;
        put(&mut der, start, &ITEM_HEAD);
        let name = start + ITEM_HEAD.len() + 64;
        put(&mut der, name, &NAME_HEAD);
        put(&mut der, name + NAME_HEAD.len(), SHA512_URI.as_bytes());
        put(
            &mut der,
            name + NAME_HEAD.len() + SHA512_URI.len(),
            &ITEM_TAIL,
        );
        item += 1;
    }
    der
}

const fn put(target: &mut [u8; PAIR_LEN], at: usize, bytes: &[u8]) {
    let mut index = 0;
    while index < bytes.len() {
        target[at + index] = bytes[index];
        index += 1;
    }
}

/// Tag and length of a DER SEQUENCE, with room for its content.
fn list_header(content: usize) -> Vec<u8> {
    let mut der = Vec::with_capacity(content + 10);
    der.push(0x30);
    if content < 0x80 {
        der.push(content as u8);
        return der;
    }
    let length = content.to_be_bytes();
    let leading = length.iter().take_while(|byte| **byte == 0).count();
    der.push(0x80 | (length.len() - leading) as u8);
    der.extend_from_slice(&length[leading..]);
    der
}

// === impl TreePath ===

impl TreePath {
    /// The top of the tree in which this path leads to `leaf`.
    #[must_use]
    pub fn top(&self, leaf: Sha512) -> Sha512 {
        self.top_with(leaf, digest_pair)
    }

    /// As [`Self::top`]; `pair` gives the digest of two siblings.
    pub(super) fn top_with(
        &self,
        leaf: Sha512,
        pair: impl Fn(&Sha512, &Sha512) -> Sha512,
    ) -> Sha512 {
        let steps = self.0.iter().rev();
        steps.fold(leaf, |node, step| match step.sibling_side {
            Side::Left => pair(&step.sibling, &node),
            Side::Right => pair(&node, &step.sibling),
        })
    }
}

// === impl HashTree ===

impl HashTree {
    /// The tree over `leaves`, or nothing where there are none.
    #[must_use]
    pub fn build(leaves: &[Sha512]) -> Option<Self> {
        if leaves.is_empty() {
            return None;
        }
        let mut levels = vec![leaves.to_vec()];
        while let Some(level) = levels.last()
            && level.len() > 1
        {
            let next = level.chunks(2).map(|nodes| match nodes {
                [left, right] => digest_pair(left, right),
                _ => nodes[0],
            });
            let next = next.collect();
            levels.push(next);
        }
        Some(Self { levels })
    }

    /// Number of leaves.
    #[must_use]
    pub fn leaf_count(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// The top: of one leaf, the leaf itself.
    #[must_use]
    pub fn top(&self) -> Sha512 {
        let top = self.levels.last().and_then(|level| level.first());
        *top.expect("a tree has at least one leaf, so its last level has one node")
    }

    /// The way from the top to the leaf with this index.
    ///
    /// # Panics
    ///
    /// When there is no such leaf.
    #[must_use]
    pub fn path(&self, index: usize) -> TreePath {
        assert!(
            index < self.leaf_count(),
            "leaf {index} of {}",
            self.leaf_count()
        );
        let mut steps = Vec::with_capacity(self.levels.len());
        for (height, level) in self.levels.iter().enumerate() {
            let node = index >> height;
            let side = if node.is_multiple_of(2) {
                Side::Right
            } else {
                Side::Left
            };
            // A node that was lifted has no sibling at this height.
            if let Some(sibling) = level.get(node ^ 1) {
                steps.push(Step {
                    sibling_side: side,
                    sibling: *sibling,
                });
            }
        }
        steps.reverse();
        TreePath(steps)
    }
}
