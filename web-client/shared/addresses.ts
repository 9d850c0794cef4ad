/** Where the server has a picture of the gallery, and its thumbnail. */
export function pictureUrl(id: string): string {
  return `/api/pictures/${encodeURIComponent(id)}`;
}

export function thumbnailUrl(id: string): string {
  return `/api/thumbnails/${encodeURIComponent(id)}`;
}
