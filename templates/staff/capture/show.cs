<?cs include:"macros.cs" ?><?cs include:"_document.cs" ?><?cs set:Title = "采集照片：" + Person.Name ?><?cs def:content() ?><p class="back"><a href="/staff/people/<?cs var:Person.Id ?>">返回人员页面</a></p>
<?cs call:error_summary() ?><h1>采集照片</h1>
<section class="sheet"><h2><?cs var:Person.Name ?></h2>
<?cs if:Person.Photo ?><img src="/staff/people/<?cs var:Person.Id ?>/photos/<?cs var:Person.Photo ?>" alt="<?cs var:Person.Name ?>使用中的照片" width="75" height="105">
<?cs /if ?><dl><?cs call:fact(Person.IdType, Person.IdNumber) ?><?cs call:fact("性别", Person.Sex) ?><?cs call:fact("出生日期", Person.Birth) ?></dl></section>
<p class="lead">1 寸免冠照片，白色背景，宽 25 毫米、高 35 毫米。<?cs if:Person.Resident ?>用读卡器核对了居民身份证、现场拍照或取用证件照片的，立即启用；其他照片由另一名工作人员复核后启用。<?cs else ?><?cs var:Person.IdType ?>的采集由另一名工作人员复核后启用。<?cs /if ?></p>
<form method="post" action="/staff/capture/<?cs var:Person.Id ?>" enctype="multipart/form-data" id="capture"><?cs call:form_hidden() ?><input type="hidden" name="origin" value=""><input type="hidden" name="card_no" value=""><input type="hidden" name="card_name" value=""><input type="hidden" name="card_challenge" value="<?cs var:Reader.Challenge ?>"><input type="hidden" name="card_signature" value="">
<?cs if:Person.Resident ?><div id="f-card_no" tabindex="-1"><?cs call:wrong("card_no") ?></div>
<?cs call:reader() ?><?cs /if ?><div class="way"><h2>照片</h2>
<div class="stack"><label for="f-photo">选择照片文件（JPG）<?cs call:wrong("photo") ?></label><input type="file" id="f-photo" name="photo" accept="image/jpeg"></div>
<p class="note" data-plain>浏览器没有运行脚本时，不能在这里裁剪，请上传已经裁成 1 寸比例（宽 25：高 35，至少 240×336 像素）的 JPG 照片。</p>
<div data-tools hidden><p class="actions"><button type="button" class="button plain" data-camera>打开摄像头</button><button type="button" class="button" data-shoot hidden>拍照</button></p>
<video data-video muted playsinline hidden width="320" height="240" aria-label="摄像头画面"></video>
<div class="crop" data-crop hidden><p id="crop-how">拖动画面，或用方向键移动；用滚轮或加减号缩放；按 0 复位。人像应居中，头顶留出空白。</p>
<canvas tabindex="0" role="application" aria-label="裁剪区域" aria-describedby="crop-how" width="295" height="413" data-canvas></canvas>
<div class="stack"><label for="crop-zoom">缩放</label><input type="range" id="crop-zoom" min="0" max="100" value="0"><p class="actions"><button type="button" class="button plain" data-turn>旋转 90°</button><button type="button" class="button plain" data-reset>复位</button></p></div></div>
<p role="status" data-note></p></div></div>
<div class="actions"><button class="button">提交照片</button><a href="/staff/people/<?cs var:Person.Id ?>">返回</a></div></form>
<p class="quiet"><a href="/help/staff-capture">操作手册：身份信息采集</a></p>
<script type="module" src="/static/capture.js?<?cs var:Static.Version ?>"></script>
<?cs /def ?><?cs include:"layout.cs" ?>
