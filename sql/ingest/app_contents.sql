-- What a lenient reading made of fb_content (lenient_content), among the marks of its event.
update read_app_event
set parameter_marks = nullif(concat_ws(
    ' ',
    content_marks(if(is_open(text, '['), text, null)),
    case when text is not null then array_to_string(
        list_transform(string_split(repairs, ' '), lambda repair: 'fb_content:' || repair), ' '
    ) end,
    parameter_marks
), '')
from lenient_content
where lenient_content.record = read_app_event.record and lenient_content.position = read_app_event.position;
