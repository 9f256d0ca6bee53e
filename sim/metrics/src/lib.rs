//! Histograms, time series, thresholds and the versioned run record.
