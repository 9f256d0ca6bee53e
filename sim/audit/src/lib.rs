//! After a run: reads logs and ledgers, verifies everything, trusts nobody.
