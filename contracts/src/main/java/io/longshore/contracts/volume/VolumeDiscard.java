package io.longshore.contracts.volume;

import io.longshore.contracts.claim.Owner;

/** Whose claims to release together with the anonymous volumes behind them. */
public record VolumeDiscard(Owner owner) {}
