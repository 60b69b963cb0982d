declare const brand: unique symbol;

/** A nominal type over `T`: made in one place (a decoder, an allocator, the clock), checked by the compiler elsewhere. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
