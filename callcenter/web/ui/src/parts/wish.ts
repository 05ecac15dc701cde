// Something that is done once its reason is known: what the question is called, and the deed.
export interface Wish {
  title: string;
  run: (why: string) => Promise<unknown>;
}
