package dev.postern.emulated.blk;

import dev.postern.emulated.DiskFeature;
import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.RangeLimits;
import dev.postern.emulated.mischief.DiskOperation;

/** The requests whose data are ranges of sectors (blk:471), and the clauses that bound each. */
enum RangeCommand {
    DISCARD(DiskFeature.DISCARD, DiskOperation.DISCARD, "blk:888", "blk:258"),
    WRITE_ZEROES(DiskFeature.WRITE_ZEROES, DiskOperation.WRITE_ZEROES, "blk:896", "blk:264"),
    SECURE_ERASE(DiskFeature.SECURE_ERASE, DiskOperation.SECURE_ERASE, "blk:892", "blk:271");

    private final int feature;
    private final DiskOperation operation;
    private final String segmentsClause;
    private final String sectorsClause;

    RangeCommand(int feature, DiskOperation operation, String segmentsClause, String sectorsClause) {
        this.feature = feature;
        this.operation = operation;
        this.segmentsClause = segmentsClause;
        this.sectorsClause = sectorsClause;
    }

    int feature() {
        return feature;
    }

    DiskOperation operation() {
        return operation;
    }

    String segmentsClause() {
        return segmentsClause;
    }

    String sectorsClause() {
        return sectorsClause;
    }

    RangeLimits limits(DiskOptions options) {
        return switch (this) {
            case DISCARD -> options.discard();
            case WRITE_ZEROES -> options.writeZeroes();
            case SECURE_ERASE -> options.secureErase();
        };
    }
}
