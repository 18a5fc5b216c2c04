package io.longshore.platform.data.ledger;

import io.longshore.platform.data.ServiceSchema;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;

/** Entries in a ledger, each with an event. */
@LongshoreService(Part.VOLUME)
@ServiceSchema("ledger")
public class LedgerApplication {}
