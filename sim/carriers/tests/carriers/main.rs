//! The carriers as relying parties and people in the room meet them, with a real certification
//! authority behind them.

#[cfg(test)]
mod id_card;
#[cfg(test)]
mod lab;
#[cfg(test)]
mod mobile_id;
#[cfg(test)]
mod other_client;
#[cfg(test)]
mod phones;
#[cfg(test)]
mod service;
#[cfg(test)]
mod smart_id_2;
#[cfg(test)]
mod smart_id_3;
