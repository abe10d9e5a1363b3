// Tells the server the browser's time zone, so that the next page shows times as the user's clock does.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
if (timeZone) document.cookie = `brygga_zone=${timeZone}; path=/; max-age=31536000; samesite=lax`;
