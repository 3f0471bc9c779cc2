/** Messages are encoded and decoded outside of grpc-js, which would hide why that failed. */
export const asBytes = (bytes: Buffer): Buffer => bytes
