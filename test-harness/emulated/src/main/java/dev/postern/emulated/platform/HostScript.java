package dev.postern.emulated.platform;

import dev.postern.emulated.mischief.FailConversionAt;
import dev.postern.emulated.mischief.GarblePageStateAnswer;
import dev.postern.emulated.mischief.MisleadMapGpa;
import dev.postern.emulated.mischief.PretendConversionAt;
import dev.postern.emulated.mischief.RetryMapGpa;
import dev.postern.emulated.mischief.SharingMischief;
import java.util.List;

/** How the host treats each request to convert pages, by its number. */
final class HostScript {

    /** What becomes of the conversion of one page. */
    enum Treatment {
        /** It is done. */
        DO,
        /** It is not done, and the guest is told. */
        FAIL,
        /** It is not done, and the guest is told that it was. */
        PRETEND,
        /** It is done, and the answer makes no sense. */
        GARBLE
    }

    private final List<SharingMischief> mischief;
    private long conversions;
    private long mapGpaCalls;

    HostScript(List<SharingMischief> mischief) {
        this.mischief = List.copyOf(mischief);
    }

    /** How the next page is treated. */
    Treatment nextConversion() {
        conversions++;
        for (SharingMischief act : mischief) {
            if (act instanceof FailConversionAt fail && fail.conversion() == conversions) {
                return Treatment.FAIL;
            }
            if (act instanceof PretendConversionAt pretend && pretend.conversion() == conversions) {
                return Treatment.PRETEND;
            }
            if (act instanceof GarblePageStateAnswer garble && garble.conversion() == conversions) {
                return Treatment.GARBLE;
            }
        }
        return Treatment.DO;
    }

    /** What is done with the next MapGPA call as a whole, or null for nothing. */
    SharingMischief nextMapGpa() {
        mapGpaCalls++;
        for (SharingMischief act : mischief) {
            if (act instanceof RetryMapGpa retry && retry.call() == mapGpaCalls
                    || act instanceof MisleadMapGpa mislead && mislead.call() == mapGpaCalls) {
                return act;
            }
        }
        return null;
    }
}
