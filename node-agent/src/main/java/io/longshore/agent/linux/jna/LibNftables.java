package io.longshore.agent.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** nftables/libnftables.h of nftables 1.0. Loaded at first use, so that an agent without bridges runs without the library. */
final class LibNftables {
    static final int NFT_CTX_DEFAULT = 0;

    static {
        Native.register(LibNftables.class, "libnftables.so.1");
    }

    private LibNftables() {}

    static native Pointer nft_ctx_new(int flags);

    static native void nft_ctx_free(Pointer context);

    static native int nft_ctx_buffer_output(Pointer context);

    static native int nft_ctx_buffer_error(Pointer context);

    static native Pointer nft_ctx_get_output_buffer(Pointer context);

    static native Pointer nft_ctx_get_error_buffer(Pointer context);

    static native int nft_run_cmd_from_buffer(Pointer context, byte[] commands);
}
