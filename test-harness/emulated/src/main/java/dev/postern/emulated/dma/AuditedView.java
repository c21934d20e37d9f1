package dev.postern.emulated.dma;

import java.lang.foreign.MemorySegment;

/** Shows a scanner everything that devices read through another view. */
public final class AuditedView implements DmaView {

    private final DmaView view;
    private final ReadScanner scanner;

    /** A view that adds nothing but the scanner's attention. */
    public AuditedView(DmaView view, ReadScanner scanner) {
        this.view = view;
        this.scanner = scanner;
    }

    @Override
    public MemorySegment piece(int requesterId, long dva, long length, DmaIntent intent) {
        MemorySegment piece = view.piece(requesterId, dva, length, intent);
        if (piece != null && intent == DmaIntent.READ) {
            scanner.read(requesterId, dva, piece);
        }
        return piece;
    }

    @Override
    public long reach(int requesterId, long dva, long length, DmaIntent intent) {
        return view.reach(requesterId, dva, length, intent);
    }

    @Override
    public boolean arrives(int requesterId, long dva) {
        return view.arrives(requesterId, dva);
    }
}
