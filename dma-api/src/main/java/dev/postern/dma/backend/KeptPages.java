package dev.postern.dma.backend;

import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.bounce.PageAddresses;
import java.util.List;

/** What is said at the end of a context about pages that the other side did not let go. */
final class KeptPages {

    private KeptPages() {}

    /**
     * Throws when there are any.
     *
     * @throws DmaMisuseException with all of them in one line
     */
    static void check(PageAddresses addresses, String device) {
        List<String> kept = addresses.kept();
        if (!kept.isEmpty()) {
            throw new DmaMisuseException(
                    "DMA: %s: the back-end still uses pages whose grants were ended, so they are lost on purpose: %s; repair the back-end"
                            .formatted(device, String.join("; ", kept)));
        }
    }
}
