/** What a region of AWS is called; nothing else may stand in the address of a service. */
export const awsRegion = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;
